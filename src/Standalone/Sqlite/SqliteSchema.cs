using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Pipeline.Standalone.Sqlite;

/// <summary>The tables, by version. A version once released is never edited; a change is a new entry.</summary>
internal static class SqliteSchema
{
    private static readonly string[] Versions =
    [
        """
        CREATE TABLE entities (
            partition_key TEXT NOT NULL,
            row_key TEXT NOT NULL,
            etag INTEGER NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (partition_key, row_key)
        ) WITHOUT ROWID;

        CREATE TABLE posts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            source TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            caller TEXT,
            rejected_because TEXT,
            body BLOB NOT NULL
        );
        CREATE TABLE progress (
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE messages (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            queue TEXT NOT NULL,
            session_id TEXT NOT NULL,
            message_id TEXT NOT NULL,
            body BLOB NOT NULL,
            enqueued_at INTEGER NOT NULL,
            visible_at INTEGER NOT NULL,
            delivery_count INTEGER NOT NULL,
            dead_reason TEXT,
            dead_at INTEGER
        );
        CREATE TABLE message_ids (
            queue TEXT NOT NULL,
            message_id TEXT NOT NULL,
            sent_at INTEGER NOT NULL,
            PRIMARY KEY (queue, message_id)
        ) WITHOUT ROWID;

        CREATE TABLE orchestrations (
            instance_id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            generation INTEGER NOT NULL,
            status TEXT NOT NULL,
            input TEXT,
            output TEXT,
            custom_status TEXT,
            failure TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE orchestration_history (
            instance_id TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            event TEXT NOT NULL,
            PRIMARY KEY (instance_id, sequence)
        ) WITHOUT ROWID;
        CREATE TABLE orchestration_inbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            instance_id TEXT NOT NULL,
            event TEXT NOT NULL
        );
        CREATE INDEX orchestration_inbox_by_instance ON orchestration_inbox (instance_id, id);
        CREATE TABLE orchestration_timers (
            instance_id TEXT NOT NULL,
            generation INTEGER NOT NULL,
            task_id INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            PRIMARY KEY (instance_id, generation, task_id)
        ) WITHOUT ROWID;
        CREATE INDEX orchestration_timers_by_due ON orchestration_timers (due_at);
        CREATE TABLE orchestration_activities (
            instance_id TEXT NOT NULL,
            generation INTEGER NOT NULL,
            task_id INTEGER NOT NULL,
            name TEXT NOT NULL,
            input TEXT,
            retry TEXT,
            attempts INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            PRIMARY KEY (instance_id, generation, task_id)
        ) WITHOUT ROWID;
        CREATE INDEX orchestration_activities_by_due ON orchestration_activities (due_at);
        """,
    ];

    public static void Migrate(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        var version = Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        if (version > Versions.Length)
        {
            throw new SchemaTooNewException(connection.DataSource, version, Versions.Length);
        }

        for (; version < Versions.Length; version++)
        {
            SqliteDatabase.Execute(
                connection,
                string.Create(CultureInfo.InvariantCulture, $"BEGIN IMMEDIATE; {Versions[version]} PRAGMA user_version={version + 1}; COMMIT;"));
        }
    }
}

/// <summary>The file was written by a newer version of the program, which this one doesn't understand.</summary>
internal sealed class SchemaTooNewException(string path, int found, int known) : Exception(
    $"{path} has schema version {found}; this program knows versions up to {known}. Start the newer program, or point --data at another folder.");
