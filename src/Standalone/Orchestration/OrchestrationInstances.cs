using System.Text.Json;
using Pipeline.Runtime;
using Pipeline.Runtime.Orchestrations;
using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Orchestration;

/// <summary>The instances as their clients see them. Every method that changes something is one transaction.</summary>
internal sealed class OrchestrationInstances(SqliteDatabase database)
{
    private const string Columns =
        "instance_id, name, status, input, output, custom_status, created_at, updated_at, failure";

    internal static readonly string StartedEvent = OrchestrationRows.Text<OrchestrationEvent>(new OrchestrationEvent.Started());

    public Task<bool> StartAsync(string name, string instanceId, JsonElement? input, DateTimeOffset now) => database.WriteAsync(statements =>
    {
        var generation = statements.Scalar(
            "INSERT INTO orchestration_inbox (instance_id, event) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM orchestrations WHERE instance_id = $1) RETURNING id",
            instanceId,
            StartedEvent);
        if (generation is null)
        {
            return false;
        }

        statements.Run(
            "INSERT INTO orchestrations (instance_id, name, generation, turns, status, input, created_at, updated_at) VALUES ($1, $2, $3, 0, 'Pending', $4, $5, $5)",
            instanceId,
            name,
            generation,
            OrchestrationRows.Text(input),
            now.UtcTicks);
        return true;
    });

    /// <returns>False where there is no such running instance.</returns>
    public Task<bool> RaiseEventAsync(string instanceId, string eventName, JsonElement? payload)
    {
        var text = OrchestrationRows.Text<OrchestrationEvent>(new OrchestrationEvent.Raised(eventName, payload));
        return database.WriteAsync(statements => statements.Run(
            $"INSERT INTO orchestration_inbox (instance_id, event) SELECT instance_id, $2 FROM orchestrations WHERE instance_id = $1 AND {OrchestrationRows.StillRunning}",
            instanceId,
            text) == 1);
    }

    public OrchestrationInstance? Get(string instanceId) => database.Read(statements => statements.Query(
        $"SELECT {Columns} FROM orchestrations WHERE instance_id = $1", ReadInstance, instanceId)).SingleOrDefault();

    public OrchestrationPage List(OrchestrationQuery query)
    {
        var sql = $"SELECT {Columns} FROM orchestrations WHERE instance_id > $1 AND instance_id >= $2 AND instance_id < $3"
            + (query.RuntimeStatus is null ? " AND $4 IS NULL" : " AND status = $4")
            + (query.Name is null ? " AND $5 IS NULL" : " AND name = $5")
            + " ORDER BY instance_id LIMIT $6";
        var prefix = query.IdPrefix ?? "";
        var found = database.Read(statements => statements.Query(
            sql, ReadInstance, query.Cursor ?? "", prefix, prefix + "\U0010FFFF", query.RuntimeStatus?.ToString(), query.Name, query.Take + 1));
        return OrchestrationValues.Page(found, query.Take);
    }

    /// <returns>False where there is no such running instance.</returns>
    public Task<bool> TerminateAsync(string instanceId, JsonElement? reason, DateTimeOffset now) => database.WriteAsync(statements =>
    {
        var ended = statements.Run(
            $"UPDATE orchestrations SET status = 'Terminated', output = $2, updated_at = $3 WHERE instance_id = $1 AND {OrchestrationRows.StillRunning}",
            instanceId,
            OrchestrationRows.Text(reason),
            now.UtcTicks);
        if (ended == 0)
        {
            return false;
        }

        OrchestrationWork.RemoveWork(statements, instanceId);
        return true;
    });

    public Task<bool> PurgeAsync(string instanceId) => database.WriteAsync(statements =>
    {
        var purged = statements.Run($"DELETE FROM orchestrations WHERE instance_id = $1 AND NOT {OrchestrationRows.StillRunning}", instanceId);
        if (purged == 0)
        {
            return false;
        }

        statements.Run("DELETE FROM orchestration_history WHERE instance_id = $1", instanceId);
        return true;
    });

    private static OrchestrationInstance ReadInstance(SqliteRow row) => new(
        row.GetString(0),
        row.GetString(1),
        Enum.Parse<OrchestrationStatus>(row.GetString(2)),
        OrchestrationRows.Json(row, 3),
        OrchestrationRows.Json(row, 4),
        OrchestrationRows.Json(row, 5),
        row.GetTime(6),
        row.GetTime(7),
        row.GetStringOrNull(8));
}
