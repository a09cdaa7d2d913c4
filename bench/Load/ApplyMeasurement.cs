using System.Diagnostics;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Bench.Load;

/// <summary>Posts distinct alerts, each once and as fast as they are taken, and waits until every one of them is in its incident.</summary>
internal sealed class ApplyMeasurement(LoadOptions options, Report report)
{
    private const int AlertsPerPost = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var round = 1; round <= options.Rounds; round++)
        {
            await using var target = await RunningTarget.StartAsync(Target.Pipeline, cancellationToken);
            var total = options.Distinct / options.Services / AlertsPerPost * AlertsPerPost * options.Services;
            var watch = Stopwatch.StartNew();
            await PostAsync(target, total, options.Services, "warning", options.Connections, cancellationToken);
            var accepted = watch.Elapsed;
            await AppliedAsync(target, total, options.Services, cancellationToken);
            report.AddApply(round, total, accepted, watch.Elapsed);
        }
    }

    /// <summary>Posts the alerts 0 to <paramref name="total"/> − 1.</summary>
    public static async Task PostAsync(RunningTarget target, int total, int services, string severity, int connections, CancellationToken cancellationToken)
    {
        using var loop = new ClosedLoop(target.EndPoint, target.Request(AlertsPerPost, services, severity), connections, total, total / AlertsPerPost);
        var result = await loop.RunAsync(TimeSpan.Zero, Patience, cancellationToken);
        if (result.Failed > 0)
        {
            throw new InvalidOperationException($"{result.Failed} posts were not answered 2xx; what follows can't be measured.");
        }
    }

    /// <summary>Returns when every service has an incident that holds all of its alerts. A service found complete is not looked at again.</summary>
    public static async Task AppliedAsync(RunningTarget target, int total, int services, CancellationToken cancellationToken)
    {
        using var api = new PipelineApi(target.Url);
        var incidents = await Eventually.GetAsync(
            $"{services} incidents", token => api.IncidentsAsync("open", token), all => all.Count >= services, Patience, cancellationToken);
        foreach (var incident in incidents)
        {
            await Eventually.TrueAsync(
                $"all alerts of {incident.Service}",
                async token => (await api.IncidentAsync(incident.Id, token)).TotalAlerts >= total / services,
                Patience,
                cancellationToken);
        }
    }
}
