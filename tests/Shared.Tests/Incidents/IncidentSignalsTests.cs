using Pipeline.Incidents;
using Xunit;
using static Pipeline.Shared.Tests.Incidents.IntakeDesk;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>What was written is told, also where its first telling failed: a queue that is away for a moment, a crash right after the commit.</summary>
public sealed class IncidentSignalsTests
{
    private static readonly IncidentCommand Bob = new("bob");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    // The final update.
    [InlineData(IncidentSignalKind.UpdatePosted)]
    [InlineData(IncidentSignalKind.Closed)]
    [InlineData(IncidentSignalKind.Reopened)]
    public async Task F22_What_is_written_on_a_resolved_incident_is_told_by_the_next_sweep(IncidentSignalKind kind)
    {
        var desk = await ResolvedAsync();
        desk.Subscriber.FailNext = 1;
        await WriteAsync(desk, kind);
        Assert.DoesNotContain(kind, desk.Told);

        desk.Clock.Advance(TimeSpan.FromMinutes(1));
        await desk.Signals.SweepAsync(Token);
        Assert.Contains(kind, desk.Told);
    }

    [Fact]
    public async Task F22_What_is_written_on_a_closed_incident_is_told_by_the_next_sweep()
    {
        var desk = await ResolvedAsync();
        await WriteAsync(desk, IncidentSignalKind.Closed);
        desk.Subscriber.FailNext = 1;
        await WriteAsync(desk, IncidentSignalKind.UpdatePosted);

        await desk.Signals.SweepAsync(Token);
        Assert.Equal(IncidentSignalKind.UpdatePosted, desk.Told.Last());
    }

    [Fact]
    public async Task F22_A_sweep_that_settles_the_incident_while_it_is_written_on_does_not_lose_it()
    {
        MeetingTable? meeting = null;
        var desk = await ResolvedAsync(new IntakeDesk(table => meeting = new MeetingTable(table)));
        var resolved = await desk.TheIncidentAsync();

        // The update has put the incident into the index; the sweep takes it out before the update itself is written.
        meeting!.BeforeWriteOf = (IncidentKeys.Partition(resolved.Id), () => desk.Store.SettleIndexAsync(resolved, Token));
        desk.Subscriber.FailNext = 1;
        await WriteAsync(desk, IncidentSignalKind.UpdatePosted);

        await desk.Signals.SweepAsync(Token);
        Assert.Equal(IncidentSignalKind.UpdatePosted, desk.Told.Last());
    }

    [Fact]
    public async Task F22_Once_all_is_told_the_sweep_looks_at_a_resolved_incident_no_more()
    {
        var desk = await ResolvedAsync();
        desk.Subscriber.FailNext = 1;
        await WriteAsync(desk, IncidentSignalKind.UpdatePosted);
        Assert.Single(await desk.Store.UnsettledAsync(Token).ToListAsync(Token));

        await desk.Signals.SweepAsync(Token);
        Assert.Empty(await desk.Store.UnsettledAsync(Token).ToListAsync(Token));
    }

    private static async Task<IntakeDesk> ResolvedAsync(IntakeDesk? given = null)
    {
        var desk = given ?? new IntakeDesk();
        await desk.ReceiveAsync(Firing("A"));
        await desk.ReceiveAsync(desk.Resolved("A"));
        await desk.Signals.SweepAsync(Token);
        return desk;
    }

    private static async Task WriteAsync(IntakeDesk desk, IncidentSignalKind kind)
    {
        switch (kind)
        {
            case IncidentSignalKind.Closed:
                await desk.Commands.SetStageAsync("INC-1", IncidentStage.Closed, Bob, Token);
                break;
            case IncidentSignalKind.Reopened:
                await Assert.ThrowsAnyAsync<Exception>(() => desk.ReceiveAsync(Firing("A", startsAt: desk.Clock.GetUtcNow())));
                break;
            default:
                await desk.Commands.PostUpdateAsync("INC-1", "Over; checkout works.", Bob, null, Token);
                break;
        }
    }
}
