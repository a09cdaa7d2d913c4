using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class SessionLeaseTests : IDisposable
{
    private readonly ManualTimeProvider clock = new();
    private readonly MessageSessions sessions;

    public SessionLeaseTests() => sessions = new MessageSessions(clock);

    public void Dispose() => sessions.Dispose();

    [Fact]
    public void R1_A_session_whose_messages_cannot_be_read_is_released_with_them()
    {
        sessions.Add([Place(1), Place(2)]);

        Assert.Throws<InvalidOperationException>(() => TryTake((_, _) => throw new InvalidOperationException()));

        Assert.Equal([1, 2], TryTake(Read)?.Messages.Select(message => message.Sequence));
    }

    [Fact]
    public void R1_A_session_whose_lease_cannot_be_made_is_released_with_its_messages()
    {
        sessions.Add([Place(1)]);

        Assert.Throws<ArgumentException>(() => TryTake((session, sequences) => [.. Read(session, sequences), .. Read(session, sequences)]));

        Assert.Equal([1], TryTake(Read)?.Messages.Select(message => message.Sequence));
    }

    [Fact]
    public async Task R1_A_lease_whose_end_cannot_be_written_gives_its_messages_and_session_back()
    {
        sessions.Add([Place(1)]);
        var lease = SessionLease.TryTake(sessions, 10, Read, _ => throw new InvalidOperationException(), clock)!;

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await lease.DisposeAsync());

        Assert.Equal([1], TryTake(Read)?.Messages.Select(message => message.Sequence));
    }

    [Fact]
    public void R1_A_message_queued_twice_is_handed_out_once()
    {
        var delayed = Place(2) with { VisibleAt = clock.GetUtcNow().AddSeconds(1) };
        sessions.Add([Place(1), Place(1), delayed]);
        sessions.Add([Place(1), delayed, Place(2)]);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([1, 2], TryTake(Read)?.Messages.Select(message => message.Sequence));
    }

    [Fact]
    public void A_session_of_which_nothing_is_left_in_the_store_is_passed_over()
    {
        sessions.Add([Place(1), Place(2) with { SessionId = "t" }]);

        var lease = TryTake((session, sequences) => session == "s" ? [] : Read(session, sequences));

        Assert.Equal("t", lease?.SessionId);
    }

    [Fact]
    public async Task R1_The_age_of_the_oldest_due_message_counts_from_when_it_was_due_until_it_is_settled()
    {
        Assert.Equal(TimeSpan.Zero, sessions.AgeOfOldestDue());
        sessions.Add([Place(1), Place(2) with { SessionId = "t", VisibleAt = clock.GetUtcNow().AddSeconds(10) }]);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(5), sessions.AgeOfOldestDue());

        await using (var first = TryTake(Read))
        {
            clock.Advance(TimeSpan.FromSeconds(15));
            Assert.Equal(TimeSpan.FromSeconds(20), sessions.AgeOfOldestDue());
            await first!.SettleAsync([new Settlement.Complete(1)], TestContext.Current.CancellationToken);
        }

        Assert.Equal(TimeSpan.FromSeconds(10), sessions.AgeOfOldestDue());
        await using (var second = TryTake(Read))
        {
            await second!.SettleAsync([new Settlement.Complete(2)], TestContext.Current.CancellationToken);
        }

        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, sessions.AgeOfOldestDue());
    }

    private MessagePlace Place(long sequence) => new("s", sequence, clock.GetUtcNow());

    private SessionLease? TryTake(Func<string, IReadOnlyList<long>, IReadOnlyList<ReceivedMessage>> read) =>
        SessionLease.TryTake(sessions, 10, read, _ => Task.CompletedTask, clock);

    private IReadOnlyList<ReceivedMessage> Read(string session, IReadOnlyList<long> sequences) =>
        [.. sequences.Select(sequence => new ReceivedMessage(sequence, session, $"{sequence}", default, DeliveryCount: 1, clock.GetUtcNow()))];
}
