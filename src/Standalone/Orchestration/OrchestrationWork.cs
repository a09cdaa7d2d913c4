using Pipeline.Runtime;
using Pipeline.Runtime.Orchestrations;
using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Orchestration;

/// <summary>The inbox, the timers and the outgoing activities. The tables are the queues: memory holds none of it.</summary>
internal sealed class OrchestrationWork(SqliteDatabase database)
{
    private const int TimersAtOnce = 256;

    /// <summary>Takes out what an instance waits for; part of the transaction that ends it.</summary>
    public static void RemoveWork(SqliteStatements statements, string instanceId)
    {
        statements.Run("DELETE FROM orchestration_inbox WHERE instance_id = $1", instanceId);
        RemoveSteps(statements, instanceId);
    }

    /// <summary>Takes out timers and activities; part of the transaction that ends a generation.</summary>
    public static void RemoveSteps(SqliteStatements statements, string instanceId)
    {
        statements.Run("DELETE FROM orchestration_timers WHERE instance_id = $1", instanceId);
        statements.Run("DELETE FROM orchestration_activities WHERE instance_id = $1", instanceId);
    }

    /// <summary>Instances whose inbox holds something, that with the oldest event first.</summary>
    public List<string> ReadyInstances() => database.Read(statements => statements.Query(
        "SELECT instance_id FROM orchestration_inbox GROUP BY instance_id ORDER BY MIN(id)", row => row.GetString(0)));

    public DateTimeOffset? NextTimer() => database.Read(statements => Earliest(statements.Scalar("SELECT MIN(due_at) FROM orchestration_timers")));

    public DateTimeOffset? NextActivity() =>
        database.Read(statements => Earliest(statements.Scalar("SELECT MIN(due_at) FROM orchestration_activities")));

    /// <summary>The earliest further attempt that isn't due yet. First attempts are due whatever the clock says.</summary>
    public DateTimeOffset? NextActivityAfter(DateTimeOffset now) => database.Read(statements => Earliest(statements.Scalar(
        "SELECT MIN(due_at) FROM orchestration_activities WHERE due_at > $1 AND failed_attempts > 0", now.UtcTicks)));

    /// <summary>Turns timers that are due into events, the earliest first. Gives the instances they belong to; none when no timer is due.</summary>
    public async Task<IReadOnlyList<string>> FireTimersAsync(DateTimeOffset now) =>
        NextTimer() is { } due && due <= now ? await database.WriteAsync(statements => FireTimers(statements, now)).ConfigureAwait(false) : [];

    /// <summary>Attempts that are due, the longest due first. A first attempt is due also where the clock was set back since.</summary>
    public List<ActivityCall> DueActivities(DateTimeOffset now, int take) => database.Read(statements => statements.Query(
        """
        SELECT instance_id, generation, step, name, input, retry, failed_attempts, due_at FROM orchestration_activities
        WHERE due_at <= $1 OR failed_attempts = 0 ORDER BY due_at, instance_id, step LIMIT $2
        """,
        ReadCall,
        now.UtcTicks,
        take));

    /// <summary>Replaces the call by its outcome. False where it isn't wanted any more: its generation or instance has ended.</summary>
    public Task<bool> EndActivityAsync(StepKey key, OrchestrationEvent outcome)
    {
        var text = OrchestrationRows.Text(outcome);
        return database.WriteAsync(statements =>
        {
            var wanted = statements.Run(
                "DELETE FROM orchestration_activities WHERE instance_id = $1 AND generation = $2 AND step = $3", key.InstanceId, key.Generation, key.Step);
            return wanted == 1 && statements.Run(
                "INSERT INTO orchestration_inbox (instance_id, event) VALUES ($1, $2)", key.InstanceId, text) == 1;
        });
    }

    /// <returns>False where the call isn't wanted any more.</returns>
    public Task<bool> RetryActivityAsync(StepKey key, DateTimeOffset at) => database.WriteAsync(statements => statements.Run(
        "UPDATE orchestration_activities SET failed_attempts = failed_attempts + 1, due_at = $4 WHERE instance_id = $1 AND generation = $2 AND step = $3",
        key.InstanceId,
        key.Generation,
        key.Step,
        at.UtcTicks) == 1);

    /// <summary>
    /// Brings attempts forward that wait longer than their retry policy ever makes them wait: the clock was set back while the program was down.
    /// </summary>
    public async Task ShortenRetriesAsync(DateTimeOffset now)
    {
        var waiting = database.Read(statements => statements.Query(
            """
            SELECT instance_id, generation, step, name, input, retry, failed_attempts, due_at FROM orchestration_activities
            WHERE due_at > $1 AND failed_attempts > 0
            """,
            ReadCall,
            now.UtcTicks));
        var tooLong = waiting.Where(call => call.DueAt > now + call.LongestDelay).ToList();
        if (tooLong.Count > 0)
        {
            await database.WriteAsync(statements => tooLong.Sum(call => statements.Run(
                "UPDATE orchestration_activities SET due_at = $4 WHERE instance_id = $1 AND generation = $2 AND step = $3",
                call.Key.InstanceId,
                call.Key.Generation,
                call.Key.Step,
                (now + call.LongestDelay).UtcTicks))).ConfigureAwait(false);
        }
    }

    private static List<string> FireTimers(SqliteStatements statements, DateTimeOffset now)
    {
        var due = statements.Query(
            "SELECT instance_id, generation, step FROM orchestration_timers WHERE due_at <= $1 ORDER BY due_at, instance_id, step LIMIT $2",
            row => new StepKey(row.GetString(0), row.GetInt64(1), row.GetInt32(2)),
            now.UtcTicks,
            TimersAtOnce);
        foreach (var timer in due)
        {
            statements.Run(
                "INSERT INTO orchestration_inbox (instance_id, event) VALUES ($1, $2)",
                timer.InstanceId,
                OrchestrationRows.Text<OrchestrationEvent>(new OrchestrationEvent.TimerFired(timer.Generation, timer.Step)));
            statements.Run(
                "DELETE FROM orchestration_timers WHERE instance_id = $1 AND generation = $2 AND step = $3", timer.InstanceId, timer.Generation, timer.Step);
        }

        return [.. due.Select(timer => timer.InstanceId)];
    }

    private static ActivityCall ReadCall(SqliteRow row) => new(
        new StepKey(row.GetString(0), row.GetInt64(1), row.GetInt32(2)),
        row.GetString(3),
        OrchestrationRows.Json(row, 4),
        row.IsDBNull(5) ? null : OrchestrationRows.Parse<RetryPolicy>(row.GetString(5)),
        row.GetInt32(6),
        row.GetTime(7));

    private static DateTimeOffset? Earliest(object? ticks) => ticks is long value ? new DateTimeOffset(value, TimeSpan.Zero) : null;
}
