using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class WorkPaceTests
{
    private readonly ManualTimeProvider clock = new();
    private readonly WorkPace pace;
    private int waiting;

    public WorkPaceTests() => pace = new WorkPace(() => waiting, clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    // Nobody, or the one that is just being answered: as many as want.
    [InlineData(0, 20)]
    [InlineData(1, 20)]
    // A few: some beside each other.
    [InlineData(2, WorkPace.Beside)]
    [InlineData(WorkPace.Few, WorkPace.Beside)]
    // A crowd: one.
    [InlineData(WorkPace.Few + 1, 1)]
    [InlineData(1000, 1)]
    public async Task Pieces_at_a_time(int senders, int expected)
    {
        waiting = senders;
        var begun = 0;
        var end = new TaskCompletionSource();
        var all = Enumerable.Range(0, 20).Select(_ => pace.RunAsync(Piece, Token)).ToList();
        Assert.Equal(expected, begun);

        waiting = 0;
        end.SetResult();
        await Task.WhenAll(all);
        Assert.Equal(20, begun);

        async Task<int> Piece()
        {
            Interlocked.Increment(ref begun); // Pieces begin on several threads once the crowd has gone.
            await end.Task;
            return 0;
        }
    }

    [Theory]
    // No rest for a few.
    [InlineData(WorkPace.Few, 10, 0)]
    // It grows with half the crowd beyond them,
    [InlineData(WorkPace.Few + 2, 10, 10)]
    [InlineData(WorkPace.Few + 8, 10, 40)]
    // to nine times the work,
    [InlineData(1000, 10, 90)]
    // and to 200 ms.
    [InlineData(1000, 100, 200)]
    public async Task The_rest_after_a_piece_in_milliseconds(int senders, int work, int rest)
    {
        waiting = senders;
        var piece = pace.RunAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(work));
                return Task.FromResult(0);
            },
            Token);
        if (rest > 0)
        {
            clock.Advance(TimeSpan.FromMilliseconds(rest - 1));
            await Task.Yield();
            Assert.False(piece.IsCompleted);
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        await piece.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task A_piece_that_fails_leaves_its_place()
    {
        waiting = 1000;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => pace.RunAsync<int>(() => throw new StoreUnavailableException("the test said so"), Token));
        waiting = 2;
        Assert.Equal(7, await pace.RunAsync(() => Task.FromResult(7), Token));
        waiting = WorkPace.Few + 1;
        Assert.Equal(8, await pace.RunAsync(() => Task.FromResult(8), Token));
    }
}
