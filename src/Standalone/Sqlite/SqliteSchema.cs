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

        -- Times of posts and messages are ticks of UTC. Wide columns stand last, so that the ones before are read without
        -- the pages that a long body spills into.
        CREATE TABLE posts (
            id INTEGER PRIMARY KEY,
            received_at INTEGER NOT NULL,
            source TEXT NOT NULL,
            caller TEXT,
            rejected_because TEXT,
            body BLOB NOT NULL
        );
        CREATE TABLE progress (
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO progress (name, value) VALUES ('openings', 0), ('split_through', 0), ('purged_through', 0);

        -- No index: which messages a session has is known in memory, rows are found by their sequence.
        CREATE TABLE messages (
            sequence INTEGER PRIMARY KEY,
            queue TEXT NOT NULL,
            session_id TEXT NOT NULL,
            message_id TEXT NOT NULL,
            enqueued_at INTEGER NOT NULL,
            visible_at INTEGER NOT NULL,
            delivery_count INTEGER NOT NULL,
            body BLOB NOT NULL
        );
        -- Ids sent of late. Its sequence is the message's; the newest row always stays, so that no sequence is given twice.
        CREATE TABLE message_ids (
            sequence INTEGER PRIMARY KEY,
            queue TEXT NOT NULL,
            message_id TEXT NOT NULL,
            sent_at INTEGER NOT NULL,
            UNIQUE (message_id, queue)
        );
        CREATE TABLE dead_letters (
            queue TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            session_id TEXT NOT NULL,
            message_id TEXT NOT NULL,
            enqueued_at INTEGER NOT NULL,
            delivery_count INTEGER NOT NULL,
            reason TEXT NOT NULL,
            dead_at INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (queue, sequence)
        );

        CREATE TABLE orchestrations (
            instance_id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            generation INTEGER NOT NULL,
            turns INTEGER NOT NULL,
            status TEXT NOT NULL,
            input TEXT,
            output TEXT,
            custom_status TEXT,
            failure TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        );
        CREATE INDEX orchestrations_by_status ON orchestrations (status, instance_id);
        CREATE TABLE orchestration_history (
            instance_id TEXT NOT NULL,
            turn INTEGER NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (instance_id, turn)
        );
        CREATE TABLE orchestration_inbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            instance_id TEXT NOT NULL,
            event TEXT NOT NULL
        );
        CREATE INDEX orchestration_inbox_by_instance ON orchestration_inbox (instance_id, id);
        CREATE TABLE orchestration_timers (
            instance_id TEXT NOT NULL,
            generation INTEGER NOT NULL,
            step INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            PRIMARY KEY (instance_id, generation, step)
        ) WITHOUT ROWID;
        CREATE INDEX orchestration_timers_by_due ON orchestration_timers (due_at);
        CREATE TABLE orchestration_activities (
            instance_id TEXT NOT NULL,
            generation INTEGER NOT NULL,
            step INTEGER NOT NULL,
            name TEXT NOT NULL,
            input TEXT,
            retry TEXT,
            failed_attempts INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            PRIMARY KEY (instance_id, generation, step)
        );
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

    /// <summary>How often the file was opened, this time included; also shows at start that it can be written.</summary>
    public static long CountOpening(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE progress SET value = value + 1 WHERE name = 'openings' RETURNING value";
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}

/// <summary>The file was written by a newer version of the program, which this one doesn't understand.</summary>
internal sealed class SchemaTooNewException(string path, int found, int known) : Exception(
    $"{path} has schema version {found}; this program knows versions up to {known}. Start the newer program, or point --data at another folder.");
