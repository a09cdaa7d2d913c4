using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Runtime;
using Xunit;
using static Pipeline.Shared.Tests.Incidents.IntakeDesk;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>Several handlers at once, and crashes between two writes.</summary>
public sealed class AlertIntakeRaceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_handlers_of_one_new_alert_make_one_incident()
    {
        var desk = new IntakeDesk(table => new InterleavingTable(table));
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => desk.ReceiveAsync(Firing("A")), Token)));

        var incident = await desk.TheIncidentAsync();
        Assert.Equal((true, 1, 1), (incident.IsOpen, incident.FiringAlerts, incident.TotalAlerts));
        Assert.Single(await desk.TimelineAsync(incident.Id), text => text.StartsWith("Fired:", StringComparison.Ordinal));
        Assert.Single(desk.Subscriber.Told.DistinctBy(signal => signal.Id));
    }

    [Fact]
    public async Task Fifty_handlers_of_fifty_alerts_of_one_service_make_one_incident_that_has_them_all()
    {
        var desk = new IntakeDesk(table => new InterleavingTable(table));
        await Task.WhenAll(Enumerable.Range(0, 50).Select(number => Task.Run(() => desk.ReceiveAsync(Firing($"A{number}")), Token)));
        var incident = await desk.TheIncidentAsync();
        Assert.Equal((50, 50), (incident.FiringAlerts, incident.TotalAlerts));
    }

    [Fact]
    public async Task Handlers_of_different_services_at_once_open_an_incident_each()
    {
        var desk = new IntakeDesk(table => new InterleavingTable(table));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(() => desk.ReceiveAsync(Firing("A", service: $"s{number}")), Token)));
        var incidents = await desk.IncidentsAsync();
        Assert.Equal(20, incidents.Select(incident => incident.Service).Distinct().Count());
        Assert.Equal(20, incidents.Select(incident => incident.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_claim_whose_incident_was_never_written_lends_its_number()
    {
        var desk = new IntakeDesk();
        var key = Correlation.Key(Firing("A"), new CorrelationConfiguration());
        await desk.Store.ClaimAsync(new CorrelationClaim(key, "INC-7", 7, desk.Clock.GetUtcNow()), etag: null, Token);
        await desk.ReceiveAsync(Firing("A"));
        Assert.Equal(("INC-7", 7), ((await desk.TheIncidentAsync()).Id, (await desk.TheIncidentAsync()).Number));
    }

    [Fact]
    public async Task A_batch_that_failed_anywhere_on_the_way_is_applied_once_when_it_comes_again()
    {
        // Writes of a first alert: the counter, the claim, two index rows, the incident, the alert's pointer, the signals' removal.
        for (var survived = 0; survived < 8; survived++)
        {
            CrashingTable? crashing = null;
            var desk = new IntakeDesk(table => crashing = new CrashingTable(table));
            ReceivedMessage[] batch = [desk.Message(Firing("A")), desk.Message(Firing("B"))];
            crashing!.WritesLeft = survived;
            await Assert.ThrowsAsync<StoreUnavailableException>(() => desk.HandleAsync(batch));
            crashing.WritesLeft = null;

            await desk.HandleAsync(batch);
            var incident = await desk.TheIncidentAsync();
            Assert.Equal((true, 2, 2), (incident.IsOpen, incident.FiringAlerts, incident.TotalAlerts));
            Assert.Equal(1, (await desk.AlertAsync(incident.Id, Firing("A"))).Count);
            Assert.Equal(incident.Id, await desk.Store.GetIncidentOfAlertAsync(Firing("B").Fingerprint, Token));
            Assert.Empty(incident.Signals);
            Assert.Single(desk.Subscriber.Told.DistinctBy(signal => signal.Id));
        }
    }

    [Fact]
    public async Task Signals_that_a_subscriber_failed_to_hear_are_told_again_and_then_no_more()
    {
        var desk = new IntakeDesk();
        desk.Subscriber.FailNext = 1;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => desk.ReceiveAsync(Firing("A")));
        Assert.Single((await desk.TheIncidentAsync()).Signals);

        await desk.Signals.SweepAsync(Token);
        await desk.Signals.SweepAsync(Token);
        Assert.Equal([IncidentSignalKind.Opened], desk.Told);
        Assert.Empty((await desk.TheIncidentAsync()).Signals);
    }

    [Fact]
    public async Task A_resolve_that_was_not_told_is_found_by_the_sweep_although_the_incident_is_over()
    {
        var desk = new IntakeDesk();
        await desk.ReceiveAsync(Firing("A"));
        desk.Subscriber.FailNext = 1;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => desk.ReceiveAsync(desk.Resolved("A")));

        await desk.Signals.SweepAsync(Token);
        Assert.Equal([IncidentSignalKind.Opened, IncidentSignalKind.Resolved], desk.Told);
        Assert.Empty(await desk.Store.UnsettledAsync(Token).ToListAsync(Token));
    }

    [Fact]
    public async Task An_incident_reopened_while_its_resolve_is_settled_stays_in_the_index()
    {
        MeetingTable? meeting = null;
        var desk = new IntakeDesk(table => meeting = new MeetingTable(table));
        await desk.ReceiveAsync(Firing("A"));
        await desk.ReceiveAsync(desk.Resolved("A"));
        var resolved = await desk.TheIncidentAsync();

        // The sweep takes the resolved incident out of the index after the reopening put it in, and before its head is written.
        meeting!.BeforeWriteOf = (IncidentKeys.Partition(resolved.Id), () => desk.Store.SettleIndexAsync(resolved, Token));
        await desk.ReceiveAsync(Firing("A", startsAt: desk.Clock.GetUtcNow().AddMinutes(1)));
        Assert.Equal([resolved.Id], await desk.Store.OpenAsync(Token).Select(incident => incident.Id).ToListAsync(Token));
    }

    [Fact]
    public async Task A_command_that_stands_is_answered_although_telling_it_failed_and_the_sweep_tells_it()
    {
        var desk = new IntakeDesk();
        await desk.ReceiveAsync(Firing("A"));
        desk.Subscriber.FailNext = 1;
        var result = await desk.Commands.AcknowledgeAsync("INC-1", new IncidentCommand("alice"), Token);
        Assert.Equal((CommandRefusal.None, "alice"), (result.Refusal, result.Incident!.AcknowledgedBy));

        await desk.Signals.SweepAsync(Token);
        Assert.Equal([IncidentSignalKind.Opened, IncidentSignalKind.Acknowledged], desk.Told);
    }

    /// <summary>Lets others run before each step, so that handlers meet in the middle.</summary>
    private sealed class InterleavingTable(IEntityTable inner) : IEntityTable
    {
        public async Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return await inner.GetAsync(partitionKey, rowKey, cancellationToken);
        }

        public async Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return await inner.QueryAsync(partitionKey, range, cancellationToken);
        }

        public async Task<CommitOutcome> CommitAsync(
            string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return await inner.CommitAsync(partitionKey, writes, cancellationToken);
        }
    }

    /// <summary>Stops writing after so many writes, as if the process were gone.</summary>
    private sealed class CrashingTable(IEntityTable inner) : IEntityTable
    {
        public int? WritesLeft { get; set; }

        public Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default) =>
            inner.GetAsync(partitionKey, rowKey, cancellationToken);

        public Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default) =>
            inner.QueryAsync(partitionKey, range, cancellationToken);

        public Task<CommitOutcome> CommitAsync(
            string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default) =>
            WritesLeft-- == 0
                ? throw new StoreUnavailableException("the test said so")
                : inner.CommitAsync(partitionKey, writes, cancellationToken);
    }
}
