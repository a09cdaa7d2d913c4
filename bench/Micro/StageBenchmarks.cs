using BenchmarkDotNet.Attributes;
using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Incidents;

namespace Pipeline.Bench.Micro;

/// <summary>The stages of the intake as pure decisions, in their order, for one alert that fires; then all of them for a batch that opens an incident.</summary>
[MemoryDiagnoser]
public class StageBenchmarks
{
    private const int BatchSize = 80;

    private static readonly CorrelationConfiguration Configuration = new();
    private static readonly CorrelationClaim Claim = new("service=checkout,environment=production", "INC-1", 1, SamplePosts.ReceivedAt);

    private readonly Classification classification = new(new SeverityConfiguration());
    private Alert[] alerts = [];
    private IncidentAlert known = null!;

    [GlobalSetup]
    public void Prepare()
    {
        var read = new List<Alert>();
        AlertSources.Alertmanager.Read(SamplePosts.Webhook(BatchSize), SamplePosts.ReceivedAt, (_, alert) => read.Add(alert));
        alerts = [.. read];
        var change = Open(alerts[..1]);
        known = change.Alerts[alerts[0].Fingerprint];
    }

    [Benchmark]
    public AlertNews Deduplicate() => Deduplication.Decide(known, alerts[0], known.LastSequence + 1);

    [Benchmark]
    public SuppressionDecision Suppress() =>
        Suppression.Decide(
            new LastPage(SamplePosts.ReceivedAt.AddMinutes(-10), Severity.Sev2, IsBeside: false),
            Severity.Sev2,
            SamplePosts.ReceivedAt,
            Configuration.Cooldown);

    [Benchmark]
    public string CorrelationKey() => Correlation.Key(alerts[0], Configuration);

    [Benchmark]
    public Severity Classify() => classification.Decide(alerts[0]).Severity;

    [Benchmark]
    public int OpenWithEightyAlerts() => Open(alerts).Head.FiringAlerts;

    private IncidentChange Open(IReadOnlyList<Alert> batch)
    {
        var items = new List<IntakeItem>(batch.Count);
        foreach (var alert in batch)
        {
            items.Add(new IntakeItem(alert, items.Count + 1, null, Deduplication.Decide(null, alert, items.Count + 1), classification.Decide(alert)));
        }

        return IntakeStages.Open(Claim, items, AlertScope.Of(batch[0], Configuration), SamplePosts.ReceivedAt, holdPageUntil: null);
    }
}
