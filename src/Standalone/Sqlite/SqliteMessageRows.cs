using Pipeline.Runtime;

namespace Pipeline.Standalone.Sqlite;

/// <summary>The rows of one queue: what is written and read inside a transaction of somebody else.</summary>
internal sealed class SqliteMessageRows(string queue)
{
    private const string SelectPlaces = "SELECT session_id, sequence, visible_at FROM messages WHERE queue = $1 ORDER BY sequence";

    private const string SelectOldest =
        "SELECT sequence, session_id, message_id, body, delivery_count, enqueued_at FROM messages WHERE queue = $1 ORDER BY sequence LIMIT 1";

    private const string SelectOne = "SELECT message_id, enqueued_at, delivery_count, body FROM messages WHERE sequence = $1";

    // No row comes back for an id that was sent less than the window ago. An older one, not forgotten yet, gets the next sequence.
    private const string InsertId =
        "INSERT INTO message_ids (queue, message_id, sent_at) VALUES ($1, $2, $3) " +
        "ON CONFLICT (message_id, queue) DO UPDATE SET sequence = (SELECT max(sequence) + 1 FROM message_ids), sent_at = excluded.sent_at " +
        "WHERE sent_at <= $4 RETURNING sequence";

    private const string InsertMessage =
        "INSERT INTO messages (sequence, queue, session_id, message_id, enqueued_at, visible_at, delivery_count, body) " +
        "VALUES ($1, $2, $3, $4, $5, $6, 0, $7)";

    // The oldest ids are looked at only, so that the price doesn't grow with the table.
    private const string ForgetIds =
        "DELETE FROM message_ids WHERE sequence IN " +
        "(SELECT sequence FROM (SELECT sequence, sent_at FROM message_ids ORDER BY sequence LIMIT $1) WHERE sent_at <= $2)";

    private const string DeleteMessage = "DELETE FROM messages WHERE sequence = $1";
    private const string Redeliver = "UPDATE messages SET delivery_count = $2, visible_at = $3 WHERE sequence = $1";

    private const string InsertDeadLetter =
        "INSERT INTO dead_letters (queue, sequence, session_id, message_id, enqueued_at, delivery_count, reason, dead_at, body) " +
        "SELECT queue, sequence, session_id, message_id, enqueued_at, $2, $3, $4, body FROM messages WHERE sequence = $1";

    private const string SelectDeadLetters =
        "SELECT sequence, session_id, message_id, body, delivery_count, enqueued_at, reason, dead_at FROM dead_letters " +
        "WHERE queue = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";

    private const string RetryDeadLetter =
        "INSERT INTO messages (sequence, queue, session_id, message_id, enqueued_at, visible_at, delivery_count, body) " +
        "SELECT sequence, queue, session_id, message_id, enqueued_at, 0, 0, body FROM dead_letters WHERE queue = $1 AND sequence = $2 " +
        "RETURNING session_id";

    private const string DeleteDeadLetter = "DELETE FROM dead_letters WHERE queue = $1 AND sequence = $2";

    public List<MessagePlace> ReadPlaces(SqliteStatements statements) =>
        statements.Query(SelectPlaces, row => new MessagePlace(row.GetString(0), row.GetInt64(1), row.GetTime(2)), queue);

    public ReceivedMessage? ReadOldest(SqliteStatements statements) => statements.Query(
        SelectOldest,
        row => new ReceivedMessage(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetBytes(3), row.GetInt32(4), row.GetTime(5)),
        queue).FirstOrDefault();

    /// <returns>The messages sent, without those that were sent before.</returns>
    public IReadOnlyList<MessagePlace> Insert(SqliteStatements statements, IReadOnlyList<QueueMessage> messages, DateTimeOffset now)
    {
        var insertId = statements.Prepare(InsertId);
        var insertMessage = statements.Prepare(InsertMessage);
        var forgetBefore = (now - QueueLimits.DuplicateWindow).UtcTicks;
        var places = new List<MessagePlace>(messages.Count);
        foreach (var message in messages)
        {
            insertId.Bind(1, queue);
            insertId.Bind(2, message.MessageId);
            insertId.Bind(3, now.UtcTicks);
            insertId.Bind(4, forgetBefore);
            if (!insertId.Step())
            {
                continue;
            }

            var place = new MessagePlace(message.SessionId, insertId.GetInt64(0), message.VisibleAfter ?? now);
            insertId.Reset();
            insertMessage.Bind(1, place.Sequence);
            insertMessage.Bind(2, queue);
            insertMessage.Bind(3, message.SessionId);
            insertMessage.Bind(4, message.MessageId);
            insertMessage.Bind(5, now.UtcTicks);
            insertMessage.Bind(6, place.VisibleAt.UtcTicks);
            insertMessage.Bind(7, message.Body.Span);
            insertMessage.Run();
            places.Add(place);
        }

        // Two are looked at for each that came, so the old ones dwindle; the newest, of this call, is never among them.
        statements.Run(ForgetIds, places.Count * 2L, forgetBefore);
        return places;
    }

    /// <summary>Reads messages until their bodies come to <paramref name="maxBytes"/>; the first is always among them. One that is gone is left out.</summary>
    /// <returns>Also how many sequences were looked at.</returns>
    public static (List<ReceivedMessage> Messages, int Looked) Read(
        SqliteStatements statements, string sessionId, IReadOnlyList<long> sequences, int maxBytes)
    {
        var select = statements.Prepare(SelectOne);
        var messages = new List<ReceivedMessage>(sequences.Count);
        var looked = 0;
        for (var bytes = 0L; looked < sequences.Count && bytes < maxBytes; looked++)
        {
            var sequence = sequences[looked];
            select.Bind(1, sequence);
            if (select.Step())
            {
                var row = new SqliteRow(select);
                messages.Add(new ReceivedMessage(sequence, sessionId, row.GetString(0), row.GetBytes(3), row.GetInt32(2) + 1, row.GetTime(1)));
                bytes += messages[^1].Body.Length;
                select.Reset();
            }
        }

        return (messages, looked);
    }

    /// <returns>The messages to be delivered again.</returns>
    public IReadOnlyList<MessagePlace> Apply(SqliteStatements statements, IReadOnlyList<SettlementDecision> decisions, DateTimeOffset now)
    {
        List<MessagePlace> again = [];
        var delete = statements.Prepare(DeleteMessage);
        foreach (var (message, effect, visibleAt, reason) in decisions)
        {
            if (effect is SettlementEffect.Redeliver or SettlementEffect.HoldSession)
            {
                // A hold is kept in memory only: after a restart the message comes at once, and in its place.
                var holds = effect == SettlementEffect.HoldSession;
                statements.Run(Redeliver, message.Sequence, message.DeliveryCount, (holds ? now : visibleAt).UtcTicks);
                again.Add(new MessagePlace(message.SessionId, message.Sequence, visibleAt, holds));
                continue;
            }

            if (effect == SettlementEffect.DeadLetter)
            {
                statements.Run(InsertDeadLetter, message.Sequence, message.DeliveryCount, reason, now.UtcTicks);
            }

            delete.Bind(1, message.Sequence);
            delete.Run();
        }

        return again;
    }

    public List<DeadLetter> ReadDeadLetters(SqliteStatements statements, int take, long after) => statements.Query(
        SelectDeadLetters,
        row => new DeadLetter(
            new ReceivedMessage(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetBytes(3), row.GetInt32(4), row.GetTime(5)),
            row.GetString(6),
            row.GetTime(7)),
        queue,
        after,
        take);

    /// <returns>The message put back, or none.</returns>
    public IReadOnlyList<MessagePlace> Retry(SqliteStatements statements, long sequence)
    {
        if (statements.Scalar(RetryDeadLetter, queue, sequence) is not string sessionId)
        {
            return [];
        }

        statements.Run(DeleteDeadLetter, queue, sequence);
        return [new MessagePlace(sessionId, sequence, DateTimeOffset.MinValue)];
    }
}
