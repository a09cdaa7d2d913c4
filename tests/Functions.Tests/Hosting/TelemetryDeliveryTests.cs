using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Functions.Hosting;
using Xunit;

namespace Pipeline.Functions.Tests.Hosting;

/// <summary>The app's telemetry on the real exporter, with an ingestion endpoint of the test's own on loopback.</summary>
public sealed class TelemetryDeliveryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Z1_What_is_logged_inside_a_function_that_is_not_sampled_reaches_Application_Insights()
    {
        await using var ingestion = await IngestionEndpoint.StartAsync(Stop);
        using (var app = AppWithTelemetry(ingestion.Url))
        {
            await app.StartAsync(Stop);
            var logger = app.Services.GetRequiredService<ILogger<TelemetryDeliveryTests>>();

            // As the worker runs a function: inside an activity that came from the host, whose trace the sampler left out.
            using (var invocation = new Activity("function Sweep").SetParentId(
                ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None).Start())
            {
                Assert.False(invocation.Recorded);
                logger.LogWarning("Inside an invocation that is not sampled");
            }

            logger.LogWarning("Outside of every invocation");
            await app.StopAsync(Stop);
        }

        // The exporter sends what it has when it is disposed.
        Assert.Contains("Outside of every invocation", ingestion.Messages);
        Assert.Contains("Inside an invocation that is not sampled", ingestion.Messages);
    }

    private static IHost AppWithTelemetry(string endpoint)
    {
        // The exporter tells its maker how it fares, over the network, unless it is told not to.
        Environment.SetEnvironmentVariable("APPLICATIONINSIGHTS_STATSBEAT_DISABLED", "true");
        Environment.SetEnvironmentVariable("APPLICATIONINSIGHTS_SDKSTATS_DISABLED", "true");
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [AzureSettings.ApplicationInsights] =
                $"InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint={endpoint};LiveEndpoint={endpoint}",
        });
        builder.Services.AddTelemetry(builder.Configuration);
        return builder.Build();
    }

    /// <summary>Takes what an exporter posts: a line of JSON a telemetry item.</summary>
    private sealed class IngestionEndpoint(WebApplication server) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<JsonElement> items = [];

        public string Url => server.Urls.First() + "/";

        /// <summary>The messages of the log items received.</summary>
        public IEnumerable<string> Messages => items
            .Select(item => item.GetProperty("data"))
            .Where(data => data.GetProperty("baseType").GetString() == "MessageData")
            .Select(data => data.GetProperty("baseData").GetProperty("message").GetString()!);

        public static async Task<IngestionEndpoint> StartAsync(CancellationToken cancellationToken)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var server = builder.Build();
            server.Urls.Add("http://127.0.0.1:0");
            var endpoint = new IngestionEndpoint(server);
            server.MapPost("/{version}/track", endpoint.TakeAsync);
            await server.StartAsync(cancellationToken);
            return endpoint;
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();

        private async Task<IResult> TakeAsync(HttpRequest request)
        {
            var isZipped = request.Headers.ContentEncoding.ToString() == "gzip";
            await using var body = isZipped ? new GZipStream(request.Body, CompressionMode.Decompress) : request.Body;
            using var reader = new StreamReader(body);
            var received = 0;
            while (await reader.ReadLineAsync() is { } line)
            {
                items.Enqueue(JsonSerializer.Deserialize<JsonElement>(line));
                received++;
            }

            return Results.Json(new { itemsReceived = received, itemsAccepted = received, errors = Array.Empty<object>() });
        }
    }
}
