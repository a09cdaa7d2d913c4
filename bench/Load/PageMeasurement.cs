using System.Diagnostics;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Bench.Load;

/// <summary>New incidents, one every 50 ms: how long after the 2xx the page arrives. First alone, then beside other alerts.</summary>
internal sealed class PageMeasurement(LoadOptions options, Report report)
{
    private const int Incidents = 200;

    /// <summary>Opened before them and not measured: compilers and caches get warm.</summary>
    private const int Unmeasured = 100;
    private const int BackgroundConnections = 8;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await MeasureAsync(0, cancellationToken);
        if (options.Background > 0)
        {
            await MeasureAsync(options.Background, cancellationToken);
        }
    }

    private async Task MeasureAsync(int background, CancellationToken cancellationToken)
    {
        await using var target = await RunningTarget.StartAsync(Target.Pipeline, cancellationToken);
        using var api = new PipelineApi(target.Url);
        var noise = background == 0 ? Task.CompletedTask : NoiseAsync(target, background, cancellationToken);
        var accepted = await OpenIncidentsAsync(api, cancellationToken);
        var receiver = target.Receiver ?? throw new InvalidOperationException("The target has no receiver of pages.");
        await noise;
        var services = (await Eventually.GetAsync(
                $"{Incidents} incidents",
                token => api.IncidentsAsync("open", token),
                all => all.Count(one => accepted.ContainsKey(one.Service)) >= Incidents,
                Patience,
                cancellationToken))
            .ToDictionary(one => one.Id, one => one.Service, StringComparer.Ordinal);
        var pages = await Eventually.GetAsync(
            $"{Incidents} pages",
            _ => Task.FromResult(receiver.Pages.Where(page => accepted.ContainsKey(services.GetValueOrDefault(page.IncidentId, ""))).ToList()),
            all => all.DistinctBy(page => page.IncidentId, StringComparer.Ordinal).Count() >= Incidents,
            Patience,
            cancellationToken);
        report.AddPages(background, Times(accepted, services, pages));
    }

    /// <summary>The background's services are numbered, so they are none of the paged ones; <c>info</c> pages nobody.</summary>
    private async Task NoiseAsync(RunningTarget target, int alertsPerSecond, CancellationToken cancellationToken)
    {
        using var loop = new OpenLoop(
            target.EndPoint, target.Request(1, options.Services, "info"), BackgroundConnections, options.Distinct, alertsPerSecond);
        await loop.RunAsync(TimeSpan.Zero, Between * (Unmeasured + Incidents), cancellationToken);
    }

    private static async Task<Dictionary<string, DateTimeOffset>> OpenIncidentsAsync(PipelineApi api, CancellationToken cancellationToken)
    {
        var accepted = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        for (var number = 0; number < Unmeasured + Incidents; number++)
        {
            var service = $"paged-{number}";
            var labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["alertname"] = "Down", ["service"] = service, ["severity"] = "critical" };
            var body = AlertPost.ForList(new AlertPost(labels, TimeProvider.System.GetUtcNow()));
            await api.PostAlertsAsync(AlertPost.ListRoute, body, cancellationToken);
            if (number >= Unmeasured)
            {
                accepted.Add(service, TimeProvider.System.GetUtcNow());
            }

            await Task.Delay(Between, TimeProvider.System, cancellationToken);
        }

        return accepted;
    }

    private static Latencies Times(Dictionary<string, DateTimeOffset> accepted, Dictionary<string, string> services, List<ReceivedPage> pages)
    {
        var times = new Latencies();
        foreach (var page in pages.GroupBy(page => page.IncidentId, StringComparer.Ordinal).Select(group => group.MinBy(page => page.At)!))
        {
            var time = page.At - accepted[services[page.IncidentId]];
            times.Add((long)(time.TotalSeconds * Stopwatch.Frequency));
        }

        return times;
    }
}
