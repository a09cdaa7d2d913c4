using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using Pipeline.Functions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
StandIn.Check(builder.Configuration, Console.Out);
builder.Services.AddAzure(AppConfiguration.Read(builder.Configuration, AppContext.BaseDirectory, Console.Out), builder.Configuration);
builder.Build().Run();
