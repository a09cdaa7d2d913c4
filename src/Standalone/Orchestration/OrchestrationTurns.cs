using System.Text.Json;
using Pipeline.Runtime;
using Pipeline.Runtime.Orchestrations;
using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Orchestration;

/// <summary>An instance as it stood when its turn was read.</summary>
/// <param name="Turns">Turns in the history. Together with the generation it says whether anything was committed since.</param>
/// <param name="Inbox">The oldest events, in order.</param>
internal sealed record LoadedTurn(
    OrchestrationIdentity Identity,
    int Turns,
    OrchestrationStatus Status,
    JsonElement? Input,
    JsonElement? CustomStatus,
    IReadOnlyList<OrchestrationEvent> Inbox)
{
    public bool IsRunning => Status is OrchestrationStatus.Pending or OrchestrationStatus.Running;
}

/// <summary>Reads what a turn needs and commits what it came to: history, inbox, timers, activities and status in one transaction.</summary>
internal sealed class OrchestrationTurns(SqliteDatabase database)
{
    /// <summary>So a turn's transaction stays short; the rest of the inbox is for the next turn.</summary>
    public const int EventsAtOnce = 256;

    public LoadedTurn? Load(string instanceId) => database.Read(statements =>
    {
        // One snapshot: events of an instance that is purged and started again in between must not reach the new one.
        statements.Run("BEGIN");
        var inbox = statements.Query(
            "SELECT id, event FROM orchestration_inbox WHERE instance_id = $1 ORDER BY id LIMIT $2",
            row => OrchestrationRows.Parse<OrchestrationEvent>(row.GetString(1)) with { Id = row.GetInt64(0) },
            instanceId,
            EventsAtOnce);
        var loaded = statements.Query(
            "SELECT name, generation, turns, status, input, custom_status FROM orchestrations WHERE instance_id = $1",
            row => new LoadedTurn(
                new OrchestrationIdentity(instanceId, row.GetString(0), row.GetInt64(1)),
                row.GetInt32(2),
                Enum.Parse<OrchestrationStatus>(row.GetString(3)),
                OrchestrationRows.Json(row, 4),
                OrchestrationRows.Json(row, 5),
                inbox),
            instanceId).SingleOrDefault();
        statements.Run("COMMIT");
        return loaded;
    });

    public List<OrchestrationTurn> History(string instanceId) => database.Read(statements => statements.Query(
        "SELECT document FROM orchestration_history WHERE instance_id = $1 ORDER BY turn",
        row => OrchestrationRows.Parse<OrchestrationTurn>(row.GetString(0)),
        instanceId));

    /// <summary>All of the outcome or nothing.</summary>
    /// <returns>False where the instance was ended, purged or taken further meanwhile: the turn has not happened.</returns>
    public Task<bool> CommitAsync(LoadedTurn loaded, TurnOutcome outcome)
    {
        var history = OrchestrationRows.Text(new OrchestrationTurn(outcome.At, loaded.Inbox, outcome.Steps));
        return database.WriteAsync(statements =>
        {
            if (!UpdateInstance(statements, loaded, outcome))
            {
                return false;
            }

            var id = loaded.Identity.InstanceId;
            statements.Run("DELETE FROM orchestration_inbox WHERE instance_id = $1 AND id <= $2", id, loaded.Inbox is [.., var last] ? last.Id : 0);
            if (outcome.Ending is OrchestrationEnding.ContinuedAsNew continued)
            {
                BeginGeneration(statements, id, continued);
                return true;
            }

            statements.Run("INSERT INTO orchestration_history (instance_id, turn, document) VALUES ($1, $2, $3)", id, loaded.Turns, history);
            if (outcome.Ending is null)
            {
                WriteSteps(statements, loaded.Identity, outcome);
            }
            else
            {
                OrchestrationWork.RemoveWork(statements, id);
            }

            return true;
        });
    }

    private static bool UpdateInstance(SqliteStatements statements, LoadedTurn loaded, TurnOutcome outcome)
    {
        var status = outcome.Ending switch
        {
            OrchestrationEnding.Completed => OrchestrationStatus.Completed,
            OrchestrationEnding.Failed => OrchestrationStatus.Failed,
            _ => OrchestrationStatus.Running,
        };
        return statements.Run(
            $"""
            UPDATE orchestrations SET turns = turns + 1, status = $4, custom_status = $5, output = $6, failure = $7, updated_at = $8
            WHERE instance_id = $1 AND generation = $2 AND turns = $3 AND {OrchestrationRows.StillRunning}
            """,
            loaded.Identity.InstanceId,
            loaded.Identity.Generation,
            loaded.Turns,
            status.ToString(),
            OrchestrationRows.Text(outcome.CustomStatus),
            OrchestrationRows.Text((outcome.Ending as OrchestrationEnding.Completed)?.Output),
            (outcome.Ending as OrchestrationEnding.Failed)?.Details,
            outcome.At.UtcTicks) == 1;
    }

    private static void BeginGeneration(SqliteStatements statements, string instanceId, OrchestrationEnding.ContinuedAsNew continued)
    {
        statements.Run("DELETE FROM orchestration_history WHERE instance_id = $1", instanceId);
        OrchestrationWork.RemoveSteps(statements, instanceId);

        // Back under their old numbers, events stand before those that came while the turn ran.
        foreach (var unprocessed in continued.Unprocessed)
        {
            statements.Run(
                "INSERT INTO orchestration_inbox (id, instance_id, event) VALUES ($1, $2, $3)", unprocessed.Id, instanceId, OrchestrationRows.Text(unprocessed));
        }

        var generation = statements.Scalar(
            "INSERT INTO orchestration_inbox (instance_id, event) VALUES ($1, $2) RETURNING id", instanceId, OrchestrationInstances.StartedEvent);
        statements.Run(
            "UPDATE orchestrations SET generation = $2, turns = 0, input = $3 WHERE instance_id = $1", instanceId, generation, OrchestrationRows.Text(continued.Input));
    }

    private static void WriteSteps(SqliteStatements statements, OrchestrationIdentity identity, TurnOutcome outcome)
    {
        foreach (var timer in outcome.CancelledTimers)
        {
            statements.Run(
                "DELETE FROM orchestration_timers WHERE instance_id = $1 AND generation = $2 AND step = $3", identity.InstanceId, identity.Generation, timer);
        }

        foreach (var timer in outcome.NewTimers)
        {
            statements.Run(
                "INSERT INTO orchestration_timers (instance_id, generation, step, due_at) VALUES ($1, $2, $3, $4)",
                identity.InstanceId,
                identity.Generation,
                timer.Number,
                timer.DueAt.UtcTicks);
        }

        foreach (var activity in outcome.Steps.OfType<OrchestrationStep.Activity>())
        {
            statements.Run(
                """
                INSERT INTO orchestration_activities (instance_id, generation, step, name, input, retry, failed_attempts, due_at)
                VALUES ($1, $2, $3, $4, $5, $6, 0, $7)
                """,
                identity.InstanceId,
                identity.Generation,
                activity.Number,
                activity.Name,
                OrchestrationRows.Text(activity.Input),
                activity.Retry is null ? null : OrchestrationRows.Text(activity.Retry),
                outcome.At.UtcTicks);
        }
    }
}
