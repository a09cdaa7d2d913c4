using System.Globalization;
using System.Security.Cryptography;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd.Crash;

[Collection(AloneOnTheMachine.Name)]
public sealed class CrashTest : IAsyncLifetime
{
    /// <summary>Set this to the seed of a failed run to make the same choices again; the machine's timing stays its own.</summary>
    private const string SeedVariable = "PIPELINE_CRASH_SEED";

    private readonly TemporaryFolder folder = new();
    private readonly int seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var given)
        ? given
        : RandomNumberGenerator.GetInt32(int.MaxValue);

    private PageReceiver receiver = null!;
    private PipelineApi api = null!;
    private CrashingPipeline pipeline = null!;
    private Responder responder = null!;
    private IReadOnlyList<AlertClient> clients = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        receiver = await PageReceiver.StartAsync(Token);
        var port = FreePort.Next();
        api = new PipelineApi(new Uri($"http://127.0.0.1:{port}"));
        var options = new PipelineOptions(folder.Folder("data"), folder.Write("pipeline.yaml", CrashPlan.Configuration(receiver.Url)), port);
        pipeline = new CrashingPipeline(options, new Random(seed));
        responder = new Responder(new Random(seed + 1), api);
        clients = [.. Enumerable.Range(0, CrashPlan.Clients).Select(number => new AlertClient(number, new Random(seed + 2 + number), api))];
    }

    [Fact]
    public async Task Killed_again_and_again_it_loses_no_answered_alert_and_pages_as_if_it_had_never_been_down()
    {
        Say($"{SeedVariable}={seed}");
        using var stop = new CancellationTokenSource();
        var posting = clients.Select(client => client.RunAsync(stop.Token, Token)).ToList();
        var acknowledging = responder.RunAsync(Token);

        await pipeline.KillAgainAndAgainAsync(CrashPlan.Kills, NoServiceHasTwoOpenIncidentsAsync, Token);
        await pipeline.StartForGoodAsync(Token);
        await stop.CancelAsync();
        await Task.WhenAll(posting);
        await acknowledging.WaitAsync(CrashPlan.Settle, TimeProvider.System, Token);

        var evidence = await SettledEvidenceAsync();
        Say($"{CrashPlan.Kills} kills, {pipeline.KilledWhileStarting} of them while starting; {pipeline.StartTime.TotalSeconds:0.0} s to start; {clients.Sum(client => client.AnsweredPosts)} posts answered, "
            + $"{clients.Sum(client => client.UnansweredPosts)} not; {evidence.Sent.Count} alerts, {evidence.Incidents.Count} incidents, "
            + $"{evidence.Received.Count} deliveries, {evidence.Received.DistinctBy(one => one.Key, StringComparer.Ordinal).Count()} of them distinct");
        Assert.Empty(clients.SelectMany(client => client.Rejected));
        Assert.Empty(Findings(evidence));
        Assert.Equal(CrashPlan.Services.Count, evidence.Incidents.Count);
        Assert.Equal(0, await pipeline.StopAsync(Token));
    }

    public async ValueTask DisposeAsync()
    {
        Say(pipeline.Tail());
        await pipeline.DisposeAsync();
        await receiver.DisposeAsync();
        api.Dispose();
        folder.Dispose();
    }

    private static IEnumerable<string> Findings(CrashEvidence evidence) =>
        CrashFindings.OfAlerts(evidence)
            .Concat(CrashFindings.OfIncidents(evidence))
            .Concat(CrashFindings.OfKeys(evidence))
            .Concat(CrashFindings.OfEscalation(evidence))
            .Concat(CrashFindings.OfTimelines(evidence));

    private async Task<CrashEvidence> SettledEvidenceAsync()
    {
        try
        {
            return await Eventually.GetAsync("all is applied and paged", GatherAsync, HasSettled, CrashPlan.Settle, Token);
        }
        catch (TimeoutException)
        {
            // The findings say precisely what is missing.
            return await GatherAsync(Token);
        }
    }

    private async Task<CrashEvidence> GatherAsync(CancellationToken cancellationToken)
    {
        var incidents = await api.IncidentsWithAlertsAsync(cancellationToken);
        var timelines = new Dictionary<string, IReadOnlyList<TimelineView>>(StringComparer.Ordinal);
        foreach (var incident in incidents)
        {
            timelines[incident.Id] = await api.TimelineAsync(incident.Id, cancellationToken);
        }

        return new CrashEvidence(
            [.. clients.SelectMany(client => client.Alerts)], incidents, timelines, receiver.All, responder.Acknowledged, pipeline);
    }

    /// <summary>Waits for what comes late only; what never may be is left to the findings.</summary>
    private static bool HasSettled(CrashEvidence evidence) =>
        !CrashFindings.OfAlerts(evidence).Any()
        && !CrashFindings.OfTimelines(evidence).Any()
        && evidence.Incidents
            .Where(incident => incident.Service.StartsWith("unanswered", StringComparison.Ordinal))
            .All(incident => CrashFindings.FirstArrivals(evidence, incident).Count >= CrashPlan.Ladder.Count);

    private async Task NoServiceHasTwoOpenIncidentsAsync()
    {
        var open = await api.IncidentsAsync("open", Token);
        Assert.Empty(open.GroupBy(incident => incident.Service, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
