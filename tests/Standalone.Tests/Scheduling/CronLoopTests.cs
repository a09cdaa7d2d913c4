using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Runtime;
using Pipeline.Standalone.Scheduling;
using Pipeline.Tests.Support;
using Xunit;
using static Pipeline.Tests.Support.SampleIncident;

namespace Pipeline.Standalone.Tests.Scheduling;

public sealed class CronLoopTests
{
    private readonly ManualTimeProvider time = new();
    private readonly InMemoryEntityTable table = new();
    private readonly ConcurrentQueue<string> runs = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Runs => string.Join(", ", runs);

    [Fact]
    public async Task The_first_start_owes_nothing_and_the_next_time_is_served_once()
    {
        using var loop = Loop(Job("review"));
        Assert.Null(loop.NextDue);
        await loop.DrainAsync(Cancellation);
        Assert.Empty(runs);
        Assert.Equal(At("2026-01-12T09:00Z"), loop.NextDue);

        time.AdvanceTo(At("2026-01-12T09:00Z"));
        await loop.DrainAsync(Cancellation);
        await loop.DrainAsync(Cancellation);
        Assert.Equal("review 01-12", Runs);
        Assert.Equal(At("2026-01-19T09:00Z"), loop.NextDue);
    }

    [Fact]
    public async Task After_downtime_each_missed_time_is_served_in_order()
    {
        await StartOnceAsync(Job("review"));
        time.AdvanceTo(At("2026-01-28T12:00Z"));
        using var after = Loop(Job("review"));
        await after.DrainAsync(Cancellation);
        Assert.Equal("review 01-12, review 01-19, review 01-26", Runs);
    }

    [Fact]
    public async Task After_very_long_downtime_the_latest_are_served()
    {
        await StartOnceAsync(Job("review"));
        time.Advance(TimeSpan.FromDays(365));
        using var after = Loop(Job("review") with { MaxCatchUp = 2 });
        await after.DrainAsync(Cancellation);
        Assert.Equal("review 12-28, review 01-04", Runs);
    }

    [Fact]
    public async Task A_job_that_fails_is_tried_again_and_stops_no_other()
    {
        var isBroken = true;
        var flaky = Job("flaky", _ => isBroken ? throw new InvalidOperationException("broken") : Task.CompletedTask);
        using var loop = Loop(flaky, Job("review"));
        await loop.DrainAsync(Cancellation);
        time.AdvanceTo(At("2026-01-12T09:00Z"));
        await loop.DrainAsync(Cancellation);
        Assert.Equal("review 01-12", Runs);
        Assert.Equal(At("2026-01-12T09:01Z"), loop.NextDue);

        // Not before its time …
        isBroken = false;
        await loop.DrainAsync(Cancellation);
        Assert.Equal("review 01-12", Runs);

        // … and also by another process: what is owed is remembered.
        time.AdvanceTo(At("2026-01-12T09:01Z"));
        using var restarted = Loop(flaky, Job("review"));
        await restarted.DrainAsync(Cancellation);
        Assert.Equal("review 01-12, flaky 01-12", Runs);
        Assert.Equal(At("2026-01-19T09:00Z"), restarted.NextDue);
    }

    [Fact]
    public async Task One_week_that_fails_doesn_t_hold_up_the_next()
    {
        var first = At("2026-01-12T09:00Z");
        using var loop = Loop(Job("flaky", run => run.ScheduledFor == first ? throw new InvalidOperationException("broken") : Task.CompletedTask));
        await loop.DrainAsync(Cancellation);
        time.AdvanceTo(At("2026-01-19T09:00Z"));
        await loop.DrainAsync(Cancellation);
        Assert.Equal("flaky 01-19", Runs);
    }

    [Fact]
    public async Task A_run_that_was_cut_off_is_served_again()
    {
        using var stopping = new CancellationTokenSource();
        var cutOff = Job("review", async _ =>
        {
            await stopping.CancelAsync();
            stopping.Token.ThrowIfCancellationRequested();
        });
        await StartOnceAsync(cutOff);
        time.AdvanceTo(At("2026-01-12T09:00Z"));
        using var before = Loop(cutOff);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => before.DrainAsync(stopping.Token));

        using var after = Loop(Job("review"));
        await after.DrainAsync(Cancellation);
        Assert.Equal("review 01-12", Runs);
    }

    [Fact]
    public async Task A_run_that_was_done_when_the_stop_came_is_noted()
    {
        using var stopping = new CancellationTokenSource();
        var last = Job("review", _ => stopping.CancelAsync());
        await StartOnceAsync(last);
        time.AdvanceTo(At("2026-01-12T09:00Z"));
        using var before = Loop(last);
        await before.DrainAsync(stopping.Token);

        using var after = Loop(Job("review"));
        await after.DrainAsync(Cancellation);
        Assert.Equal("review 01-12", Runs);
    }

    [Fact]
    public async Task Two_loops_on_one_table_lose_no_time()
    {
        using var one = Loop(Job("review"));
        using var other = Loop(Job("review"));
        await Task.WhenAll(one.DrainAsync(Cancellation), other.DrainAsync(Cancellation));
        time.AdvanceTo(At("2026-01-19T09:00Z"));
        await one.DrainAsync(Cancellation);

        // The other one still thinks that two are owed; it serves one, sees what was written meanwhile, and goes on from there.
        await other.DrainAsync(Cancellation);
        Assert.Equal("review 01-12, review 01-19, review 01-12", Runs);
        time.AdvanceTo(At("2026-01-26T09:00Z"));
        await other.DrainAsync(Cancellation);
        Assert.Equal("review 01-12, review 01-19, review 01-12, review 01-26", Runs);
        Assert.Equal(At("2026-02-02T09:00Z"), other.NextDue);
    }

    [Fact]
    public async Task Running_it_waits_through_the_clock_and_ends_quietly()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var ran = new TaskCompletionSource<ScheduledRun>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var loop = Loop(Job("review", run =>
        {
            ran.TrySetResult(run);
            return Task.CompletedTask;
        }));
        var running = loop.RunAsync(stopping.Token);
        while (!ran.Task.IsCompleted)
        {
            // It never sleeps longer than an hour, so that a clock that is set doesn't go unnoticed.
            if (time.NextDue is { } due)
            {
                Assert.InRange(due - time.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromHours(1));
                time.AdvanceTo(due);
            }

            await NextTurn();
        }

        Assert.Equal(new ScheduledRun(At("2026-01-12T09:00Z"), At("2026-01-12T09:00Z")), await ran.Task);
        await stopping.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_store_that_fails_for_a_while_is_asked_again()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = Job("review", _ =>
        {
            ran.TrySetResult();
            return Task.CompletedTask;
        });
        using var loop = new CronLoop([job], new FailingAtFirst(table, failures: 2), time, NullLogger<CronLoop>.Instance);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => loop.DrainAsync(Cancellation));
        var running = loop.RunAsync(stopping.Token);
        while (!ran.Task.IsCompleted)
        {
            time.AdvanceTo(time.NextDue ?? time.GetUtcNow());
            await NextTurn();
        }

        await stopping.CancelAsync();
        await running;
    }

    [Theory]
    // The job is named, and what is wrong with it.
    [InlineData("0 25 * * 1", "UTC", "The job 'review' can't be scheduled: '0 25 * * 1' is no cron expression")]
    [InlineData("0 9 * * 1", "Berlin", "The job 'review' can't be scheduled: 'Berlin' is no time zone")]
    public void A_schedule_that_can_t_be_used_is_refused(string cron, string zone, string reason)
    {
        var exception = Assert.Throws<ArgumentException>(() => Loop(Job("review") with { Cron = cron, TimeZone = zone }));
        Assert.StartsWith(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_jobs_of_one_name_are_refused() => Assert.Throws<ArgumentException>(() => Loop(Job("review"), Job("review")));

    private static async Task NextTurn()
    {
        Cancellation.ThrowIfCancellationRequested();
        await Task.Yield();
    }

    private async Task StartOnceAsync(ScheduledJob job)
    {
        using var loop = Loop(job);
        await loop.DrainAsync(Cancellation);
    }

    private CronLoop Loop(params ScheduledJob[] jobs) => new(jobs, table, time, NullLogger<CronLoop>.Instance);

    private ScheduledJob Job(string name, Func<ScheduledRun, Task>? work = null) => new(name, "0 9 * * 1", "UTC", async (run, _) =>
    {
        await (work?.Invoke(run) ?? Task.CompletedTask);
        runs.Enqueue($"{name} {run.ScheduledFor.ToString("MM-dd", System.Globalization.CultureInfo.InvariantCulture)}");
    });

    private sealed class FailingAtFirst(IEntityTable inner, int failures) : IEntityTable
    {
        private int left = failures;

        public Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default) =>
            Interlocked.Decrement(ref left) >= 0
                ? throw new StoreUnavailableException("The store can't be reached.")
                : inner.GetAsync(partitionKey, rowKey, cancellationToken);

        public Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default) =>
            inner.QueryAsync(partitionKey, range, cancellationToken);

        public Task<CommitOutcome> CommitAsync(string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default) =>
            inner.CommitAsync(partitionKey, writes, cancellationToken);
    }
}
