using Pipeline.Communication;
using Pipeline.Incidents;
using Pipeline.Postmortems;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>The processes that keep their incident's round as their id, where an instance of another life has it.</summary>
public sealed class ProcessStarterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    // Ended in the life before.
    [InlineData(false)]
    public async Task F18_An_incident_whose_cadence_id_was_used_before_has_its_updates_asked_for(bool runs)
    {
        using var desk = new IncidentDesk();
        await UseIdAsync(desk, UpdateCadenceOrchestration.Name, "cadence-INC-1", CadenceOfTheLifeBefore(desk), runs);

        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(25));
        Assert.Single(await desk.LinesAsync(TimelineKind.UpdateReminder));
        Assert.Equal(
            ["09:00 cadence-INC-1 was left over from an earlier incident of this number. Removed it and started a new one."],
            await desk.LinesAsync(TimelineKind.Note));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task F18_An_incident_whose_postmortem_id_was_used_before_gets_its_draft(bool runs)
    {
        using var desk = new IncidentDesk();
        var times = PostmortemTimes.Of(desk.Configuration.Postmortem);
        var before = new PostmortemState("INC-1", 1, desk.Clock.GetUtcNow(), times);
        await UseIdAsync(desk, PostmortemOrchestration.Name, "postmortem-INC-1", before, runs);

        await desk.OpenAsync(Severity.Sev1);
        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromHours(24));
        Assert.NotNull(await desk.Documents.GetAsync("INC-1", Token));
    }

    [Fact]
    public async Task F18_A_cadence_told_to_begin_twice_is_left_as_it_is()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(25));
        var opened = new IncidentSignal("INC-1:0", IncidentSignalKind.Opened, desk.Clock.GetUtcNow().AddMinutes(-25), 1, 1);
        await desk.ChangeAsync(change =>
        {
            change.Head = change.Head with { Signals = [opened] };
            return CommandRefusal.None;
        });

        Assert.Empty(await desk.LinesAsync(TimelineKind.Note));
        await desk.RunForAsync(TimeSpan.FromMinutes(5));
        Assert.Single(await desk.LinesAsync(TimelineKind.UpdateReminder));
    }

    [Fact]
    public async Task F18_What_is_still_ending_is_a_fault_that_passes_and_the_line_is_written_once()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        var slow = new SlowToEnd();
        var starter = new ProcessStarter(slow, desk.Store);
        var incident = (await desk.Store.GetAsync("INC-1", Token))!;
        var wanted = new IncidentSignal("INC-1:7", IncidentSignalKind.Opened, desk.Clock.GetUtcNow(), 1, 1);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => starter.StartAsync("cadence", "cadence-INC-1", "in", incident, wanted, Token));
        slow.Ended = true;
        await starter.StartAsync("cadence", "cadence-INC-1", "in", incident, wanted, Token);
        Assert.Equal(1, slow.Started);
        Assert.Single(await desk.LinesAsync(TimelineKind.Note));
    }

    private static CadenceState CadenceOfTheLifeBefore(IncidentDesk desk)
    {
        var now = desk.Clock.GetUtcNow();
        var begun = new IncidentEvent("INC-1:0", IncidentSignalKind.Opened, now, Severity.Sev4, null, null, 1, 0);
        return CadencePlan.Start("INC-1", begun, now, CadenceTimes.Of(desk.Configuration.Cadence));
    }

    private static async Task UseIdAsync(IncidentDesk desk, string name, string id, object state, bool runs)
    {
        await desk.Orchestrations.StartAsync(name, id, state, Token);
        await desk.Orchestrations.DrainAsync(Token);
        if (!runs)
        {
            await desk.Orchestrations.TerminateAsync(id, "the life before", Token);
        }

        desk.Clock.Advance(TimeSpan.FromHours(12));
        desk.Clock.Advance(TimeSpan.FromHours(12));
    }

    /// <summary>A task hub that has one instance, from a year ago, and takes its time to end it.</summary>
    private sealed class SlowToEnd : IOrchestrationClient
    {
        private bool isPurged;

        public bool Ended { get; set; }

        public int Started { get; private set; }

        public Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken = default)
        {
            Started += isPurged ? 1 : 0;
            return Task.FromResult(isPurged);
        }

        public Task<OrchestrationInstance?> GetAsync(string instanceId, CancellationToken cancellationToken = default) =>
            Task.FromResult<OrchestrationInstance?>(new OrchestrationInstance(
                instanceId, "cadence", OrchestrationStatus.Running, null, null, null, DateTimeOffset.MinValue, DateTimeOffset.MinValue));

        public Task TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default) => Task.FromResult(isPurged = Ended);

        public Task RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<OrchestrationPage> ListAsync(OrchestrationQuery query, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
