using System.Threading.Tasks.Sources;
using Pipeline.Runtime;

namespace Pipeline.Standalone.Sqlite;

/// <summary>
/// The one durable step between a sender and its 2xx, so the one that has to be cheap: an append takes a slot from a pool, waits as that
/// slot in the writer's line, and is bound to the prepared insert straight from the caller's memory.
/// </summary>
/// <param name="lastId">The greatest id ever given.</param>
/// <param name="appended">Told the id of each post to be split, on the writer's thread.</param>
internal sealed class SqlitePostAppends(SqliteDatabase database, long lastId, Action<long> appended)
{
    // More wait at once only in a storm; the rest is left to the garbage collector.
    private const int MaxPooled = 1024;

    private const string Insert =
        "INSERT INTO posts (id, received_at, source, caller, rejected_because, body) VALUES ($1, $2, $3, $4, $5, $6)";

    private readonly Lock gate = new();
    private readonly Stack<Slot> pool = new();

    // Touched on the writer's thread only.
    private long lastId = lastId;

    public ValueTask<long> AppendAsync(ReceivedPost post)
    {
        var slot = Rent();
        var task = slot.Begin(post);
        database.Enqueue(slot);
        return task;
    }

    private void Appended(long id) => appended(id);

    private Slot Rent()
    {
        lock (gate)
        {
            return pool.TryPop(out var slot) ? slot : new Slot(this);
        }
    }

    private void Return(Slot slot)
    {
        lock (gate)
        {
            if (pool.Count < MaxPooled)
            {
                pool.Push(slot);
            }
        }
    }

    private sealed class Slot(SqlitePostAppends owner) : SqliteWrite, IValueTaskSource<long>
    {
        private ManualResetValueTaskSourceCore<long> completion = new() { RunContinuationsAsynchronously = true };
        private ReceivedPost? post;
        private long id;

        public override bool IsOneStatement => true;

        public ValueTask<long> Begin(ReceivedPost toAppend)
        {
            post = toAppend;
            return new ValueTask<long>(this, completion.Version);
        }

        public override void Run(SqliteStatements statements)
        {
            id = ++owner.lastId;
            var insert = statements.Prepare(Insert);
            insert.Bind(1, id);
            insert.Bind(2, post!.ReceivedAt.UtcTicks);
            insert.Bind(3, post.Source);
            insert.Bind(4, post.Caller);
            insert.Bind(5, post.RejectedBecause);
            insert.Bind(6, PostLogRules.BodyToKeep(post).Span);
            insert.Run();
        }

        public override void Committed()
        {
            if (post!.RejectedBecause is null)
            {
                owner.Appended(id);
            }
        }

        public override void Succeed() => completion.SetResult(id);

        public override void Fail(Exception exception) => completion.SetException(exception);

        public long GetResult(short token)
        {
            try
            {
                return completion.GetResult(token);
            }
            finally
            {
                completion.Reset();
                post = null;
                owner.Return(this);
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => completion.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            completion.OnCompleted(continuation, state, token, flags);
    }
}
