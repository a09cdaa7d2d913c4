using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

/// <summary>Random steps beside a model that does the same by looking through a list, in time whose timers run late and whose wall clock is set.</summary>
public sealed class MessageSessionsWalkTests : IDisposable
{
    private const int SessionCount = 5;

    private readonly ManualTimeProvider clock = new();
    private readonly MessageSessions sessions;
    private readonly Dictionary<long, (string Session, TimeSpan DueAt)> queued = [];
    private readonly Dictionary<string, IReadOnlyList<long>> taken = new(StringComparer.Ordinal);
    private long lastSequence;

    public MessageSessionsWalkTests() => sessions = new MessageSessions(clock);

    private TimeSpan Now => TimeSpan.FromTicks(clock.GetTimestamp());

    public void Dispose() => sessions.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task R1_Random_steps_with_late_timers_hand_out_what_the_model_does(int seed)
    {
        var random = new Random(seed);
        for (var step = 0; step < 1_000; step++)
        {
            Step(random);
            await WaitAsItShouldAsync(random);
        }

        foreach (var session in taken.Keys.ToList())
        {
            Release(session);
        }

        // All that was ever sent and not settled comes, once.
        clock.Advance(TimeSpan.FromHours(1));
        while (Take(int.MaxValue) is { } session)
        {
            Assert.True(taken.Remove(session));
            sessions.Release(session);
        }

        Assert.Empty(queued);
        Assert.Equal(TimeSpan.Zero, sessions.AgeOfOldestDue());
    }

    private void Step(Random random)
    {
        switch (random.Next(10))
        {
            case 0 or 1:
                Add([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => ($"s{random.Next(SessionCount)}", ++lastSequence, Delay(random)))]);
                break;
            case 2 or 3 or 4:
                Take(random.Next(1, 4));
                break;
            case 5 or 6 when taken.Count > 0:
                var (session, messages) = taken.ElementAt(random.Next(taken.Count));
                Add([.. messages.Where(_ => random.Next(3) > 0).Select(sequence => (session, sequence, Delay(random)))]);
                Release(session);
                break;
            case 7:
                clock.Advance(TimeSpan.FromMilliseconds(random.Next(50)));
                break;
            case 8:
                clock.AdvanceBeforeTimers(TimeSpan.FromMilliseconds(random.Next(50)));
                break;
            case 9 when random.Next(20) == 0:
                clock.SetWallClock(TimeSpan.FromMinutes(random.Next(-60, 61)));
                break;
            default:
                break;
        }
    }

    // A wait ends at once where something is ready, and else by the timer alone, late as it may be, when the next message is due.
    private async Task WaitAsItShouldAsync(Random random)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var wait = sessions.WaitAsync(ending.Token);
        var isReady = ReadySessions().Any();
        if (!isReady && random.Next(20) == 0 && queued.Values.Where(message => !taken.ContainsKey(message.Session)).ToList() is { Count: > 0 } waiting)
        {
            var next = waiting.Min(message => message.DueAt);
            clock.Advance(next - Now);
            isReady = true;
        }

        if (isReady)
        {
            await wait.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            return;
        }

        Assert.False(wait.IsCompleted);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    private void Add(List<(string Session, long Sequence, TimeSpan Delay)> messages)
    {
        var wallClock = clock.GetUtcNow();
        sessions.Add([.. messages.Select(message => new MessagePlace(message.Session, message.Sequence, wallClock + message.Delay))]);
        foreach (var (session, sequence, delay) in messages)
        {
            queued.Add(sequence, (session, Now + delay));
        }
    }

    /// <returns>The session taken, or null.</returns>
    private string? Take(int max)
    {
        var ready = ReadySessions().ToDictionary(group => group.Key, group => group.Order().ToList(), StringComparer.Ordinal);
        if (sessions.TryTake(max) is not var (session, sequences))
        {
            Assert.Empty(ready);
            return null;
        }

        Assert.Equal(ready[session].Take(max), sequences);
        foreach (var sequence in sequences)
        {
            queued.Remove(sequence);
        }

        taken.Add(session, sequences);
        return session;
    }

    private void Release(string session)
    {
        taken.Remove(session);
        sessions.Release(session);
    }

    private IEnumerable<IGrouping<string, long>> ReadySessions() => queued
        .Where(message => message.Value.DueAt <= Now && !taken.ContainsKey(message.Value.Session))
        .GroupBy(message => message.Value.Session, message => message.Key, StringComparer.Ordinal);

    private static TimeSpan Delay(Random random) => random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.Next(1, 100));
}
