using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pipeline.Shared.Tests.Incidents.Alertmanagers;

/// <summary>Answers as Alertmanager's API v2 does, on loopback: what fires is there with its state, what has ended isn't.</summary>
internal sealed class LoopbackAlertmanager : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, bool> alerts = new(StringComparer.Ordinal);

    private int requests;

    private LoopbackAlertmanager(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.Single());

    /// <summary>Since when it says that it runs.</summary>
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>Others behind the same address, each asked in its turn: since when they run. They have nothing.</summary>
    public IReadOnlyList<DateTimeOffset> Others { get; set; } = [];

    /// <summary>The header that it asks for; null: none.</summary>
    public string? Authorization { get; set; }

    /// <summary>What it answers instead of the alerts; null: those.</summary>
    public string? Body { get; set; }

    public int Asked { get; private set; }

    public static async Task<LoopbackAlertmanager> StartAsync(DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var alertmanager = new LoopbackAlertmanager(app) { StartedAt = startedAt };
        app.MapGet("/api/v2/status", alertmanager.Status);
        app.MapGet("/api/v2/alerts", alertmanager.Alerts);
        await app.StartAsync(cancellationToken);
        return alertmanager;
    }

    public void Has(string fingerprint, bool suppressed = false) => alerts[fingerprint] = suppressed;

    public void Forgets(string fingerprint) => alerts.TryRemove(fingerprint, out _);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>Who answers: 0 for the one that has the alerts.</summary>
    private int Turn() => (Interlocked.Increment(ref requests) - 1) % (Others.Count + 1);

    private IResult Status(HttpContext context)
    {
        var turn = Turn();
        var uptime = turn == 0 ? StartedAt : Others[turn - 1];
        return IsAllowed(context)
            ? Results.Text(JsonSerializer.Serialize(new { cluster = new { status = "disabled" }, uptime }), "application/json")
            : Results.Unauthorized();
    }

    private IResult Alerts(HttpContext context)
    {
        if (!IsAllowed(context))
        {
            return Results.Unauthorized();
        }

        Asked++;
        return Results.Text(
            Turn() > 0 ? "[]" : Body ?? JsonSerializer.Serialize(alerts.Select(alert => new
            {
                fingerprint = alert.Key,
                labels = new { alertname = "A" },
                status = new { state = alert.Value ? "suppressed" : "active", silencedBy = alert.Value ? new[] { "s1" } : [], inhibitedBy = Array.Empty<string>() },
            })),
            "application/json");
    }

    private bool IsAllowed(HttpContext context) => Authorization is null || context.Request.Headers.Authorization == Authorization;

    /// <summary>Ctrl-C is the test runner's.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
