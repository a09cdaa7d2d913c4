using Pipeline.Incidents;
using Pipeline.Runtime;
using Xunit;
using static Pipeline.Shared.Tests.Incidents.IntakeDesk;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>The same command with one Idempotency-Key, sent twice at once: by an impatient client, or a proxy that tries again.</summary>
public sealed class IncidentCommandsTests
{
    private static readonly IncidentCommand Keyed = new("alice", Key: "key-1");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("acknowledge")]
    [InlineData("update")]
    [InlineData("severity")]
    [InlineData("stage")]
    [InlineData("resolve")]
    [InlineData("close")]
    public async Task F3_Two_at_once_with_one_key_are_both_answered_as_done_and_done_once(string command)
    {
        var (desk, table) = await OpenedAsync(resolved: command == "close");
        var before = (await desk.TimelineAsync("INC-1")).Count;
        table.HoldKeyReads();
        var one = RunAsync(desk, command, Keyed);
        var two = RunAsync(desk, command, Keyed);
        table.Go();

        var results = await Task.WhenAll(one, two);
        Assert.All(results, result => Assert.Equal(CommandRefusal.None, result.Refusal));
        Assert.Equal(results[0].Incident!.Stage, results[1].Incident!.Stage);
        var written = (await desk.TimelineAsync("INC-1")).Skip(before).ToList();
        Assert.Equal(written.Distinct(), written);
        Assert.Equal(command == "update" ? 1 : 0, (await desk.TheIncidentAsync()).UpdateCount);
    }

    [Theory]
    // Another key, and none: another command.
    [InlineData("key-2")]
    [InlineData(null)]
    public async Task F3_Two_at_once_with_different_keys_are_two_commands(string? key)
    {
        var (desk, table) = await OpenedAsync(resolved: false);
        table.HoldKeyReads();
        var one = RunAsync(desk, "acknowledge", Keyed);
        var two = RunAsync(desk, "acknowledge", Keyed with { Key = key });
        table.Go();

        var refusals = (await Task.WhenAll(one, two)).Select(result => result.Refusal).Order();
        Assert.Equal([CommandRefusal.None, CommandRefusal.AlreadyAcknowledged], refusals);
    }

    private static Task<CommandResult> RunAsync(IntakeDesk desk, string command, IncidentCommand by) => command switch
    {
        "acknowledge" => desk.Commands.AcknowledgeAsync("INC-1", by, Token),
        "update" => desk.Commands.PostUpdateAsync("INC-1", "Looking.", by, null, Token),
        "severity" => desk.Commands.SetSeverityAsync("INC-1", Severity.Sev4, "a false alarm", by, Token),
        "stage" => desk.Commands.SetStageAsync("INC-1", IncidentStage.Identified, by, Token),
        "resolve" => desk.Commands.ResolveAsync("INC-1", by, null, force: true, Token),
        _ => desk.Commands.SetStageAsync("INC-1", IncidentStage.Closed, by, Token),
    };

    private static async Task<(IntakeDesk Desk, KeyReadsTable Table)> OpenedAsync(bool resolved)
    {
        KeyReadsTable? table = null;
        var desk = new IntakeDesk(inner => table = new KeyReadsTable(inner));
        await desk.ReceiveAsync(Firing("A"));
        if (resolved)
        {
            await desk.ReceiveAsync(desk.Resolved("A"));
        }

        return (desk, table!);
    }

    /// <summary>Lets both look for their key before either has written it.</summary>
    private sealed class KeyReadsTable(IEntityTable inner) : IEntityTable
    {
        private TaskCompletionSource? held;

        public void HoldKeyReads() => held = new TaskCompletionSource();

        public void Go()
        {
            var going = held!;
            held = null;
            going.SetResult();
        }

        public async Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default)
        {
            var found = await inner.GetAsync(partitionKey, rowKey, cancellationToken);
            if (held is { } waiting && rowKey.StartsWith("key|", StringComparison.Ordinal))
            {
                await waiting.Task;
            }

            return found;
        }

        public Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default) =>
            inner.QueryAsync(partitionKey, range, cancellationToken);

        public Task<CommitOutcome> CommitAsync(
            string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default) =>
            inner.CommitAsync(partitionKey, writes, cancellationToken);
    }
}
