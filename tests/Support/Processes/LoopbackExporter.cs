using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pipeline.Tests.Support.Processes;

/// <summary>Serves one gauge for Prometheus to scrape. The test sets its value.</summary>
public sealed class LoopbackExporter : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly string metric;
    private double value;

    private LoopbackExporter(string metric)
    {
        this.metric = metric;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapGet("/metrics", () => Results.Text(Page(), "text/plain; version=0.0.4"));
    }

    public Uri Url => new(app.Urls.Single());

    public double Value
    {
        get => Volatile.Read(ref value);
        set => Volatile.Write(ref this.value, value);
    }

    public static async Task<LoopbackExporter> StartAsync(string metric, CancellationToken cancellationToken)
    {
        var exporter = new LoopbackExporter(metric);
        await exporter.app.StartAsync(cancellationToken);
        return exporter;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private string Page() => string.Create(CultureInfo.InvariantCulture, $"# TYPE {metric} gauge\n{metric} {Value}\n");
}
