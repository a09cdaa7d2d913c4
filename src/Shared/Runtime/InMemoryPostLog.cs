namespace Pipeline.Runtime;

/// <summary>Posts in this process only: for tests, drills and trying out.</summary>
internal sealed class InMemoryPostLog : IPulledPostLog, IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim splitting = new(1, 1);
    private readonly IMessageQueue alerts;
    private readonly SortedDictionary<long, ReceivedPost> posts = [];
    private readonly Queue<long> unsplit = new();
    private readonly Waiters waiters;
    private long lastId;
    private long splitThrough;

    /// <param name="alerts">Where <see cref="CompleteSplitAsync"/> sends to.</param>
    public InMemoryPostLog(IMessageQueue alerts)
    {
        this.alerts = alerts;
        waiters = new Waiters(gate);
    }

    public ValueTask<long> AppendAsync(ReceivedPost post, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            lastId++;
            posts.Add(lastId, post with { Body = PostLogRules.BodyToKeep(post).ToArray() });
            if (post.RejectedBecause is null)
            {
                unsplit.Enqueue(lastId);
                waiters.WakeAll();
            }

            return ValueTask.FromResult(lastId);
        }
    }

    public Task<IReadOnlyList<StoredPost>> ReadUnsplitAsync(int maxPosts, int maxBytes, CancellationToken cancellationToken = default)
    {
        PostLogRules.CheckTake(maxPosts);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var found = new List<StoredPost>();
            var bytes = 0L;
            foreach (var id in unsplit)
            {
                found.Add(Stored(id));
                bytes += posts[id].Body.Length;
                if (found.Count == maxPosts || bytes >= maxBytes)
                {
                    break;
                }
            }

            return Task.FromResult<IReadOnlyList<StoredPost>>(found);
        }
    }

    public async Task CompleteSplitAsync(IReadOnlyList<long> posts, IReadOnlyList<QueueMessage> alerts, CancellationToken cancellationToken = default)
    {
        await splitting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            lock (gate)
            {
                PostLogRules.CheckSplit(posts, [.. unsplit.TakeWhile(id => posts.Count > 0 && id <= posts[^1])]);
            }

            await this.alerts.SendAsync(alerts, cancellationToken).ConfigureAwait(false);
            lock (gate)
            {
                splitThrough = posts[^1];
                while (unsplit.TryPeek(out var id) && id <= splitThrough)
                {
                    unsplit.Dequeue();
                }
            }
        }
        finally
        {
            splitting.Release();
        }
    }

    public async Task WaitAsync(CancellationToken cancellationToken = default)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (gate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (unsplit.Count > 0)
            {
                return;
            }

            place = waiters.Enlist();
        }

        await waiters.WaitAsync(place, cancellationToken).ConfigureAwait(false);
    }

    public Task<StoredPost?> GetAsync(long id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(posts.ContainsKey(id) ? Stored(id) : null);
        }
    }

    public Task<IReadOnlyList<StoredPost>> ListAsync(int take, long? before = null, CancellationToken cancellationToken = default)
    {
        PostLogRules.CheckTake(take);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<StoredPost>>(
                [.. posts.Keys.Where(id => before is null || id < before).OrderDescending().Take(take).Select(Stored)]);
        }
    }

    public Task<int> PurgeAsync(DateTimeOffset receivedBefore, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var old = posts
                .Where(entry => entry.Value.ReceivedAt < receivedBefore && (entry.Key <= splitThrough || entry.Value.RejectedBecause is not null))
                .Select(entry => entry.Key)
                .ToList();
            old.ForEach(id => posts.Remove(id));
            return Task.FromResult(old.Count);
        }
    }

    public void Dispose() => splitting.Dispose();

    private StoredPost Stored(long id) => new(id, posts[id], posts[id].RejectedBecause is null && id <= splitThrough);
}
