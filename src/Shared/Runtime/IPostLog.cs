namespace Pipeline.Runtime;

/// <summary>
/// The first thing that happens to what a monitoring system posts: it is appended, whole, before the sender sees 2xx, and its alerts are
/// sure to reach the <c>alerts</c> queue: they are there already, or are split off later by <see cref="IPulledPostLog"/>.
/// Posts stay as the archive for replay and audit until <see cref="PurgeAsync"/>.
/// </summary>
public interface IPostLog
{
    /// <summary>
    /// Durable when it returns. Throws <see cref="StoreUnavailableException"/> where it can't be made durable.
    /// The body's memory is the caller's again when the task completes, and not before: cancellation counts only until the write has begun.
    /// </summary>
    /// <returns>The post's id; ids grow.</returns>
    ValueTask<long> AppendAsync(ReceivedPost post, CancellationToken cancellationToken = default);

    Task<StoredPost?> GetAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>Posts newest first.</summary>
    /// <param name="take">1 to 1000.</param>
    /// <param name="before">Only ids less than this one; null starts at the newest.</param>
    Task<IReadOnlyList<StoredPost>> ListAsync(int take, long? before = null, CancellationToken cancellationToken = default);

    /// <summary>Deletes split and rejected posts received before <paramref name="receivedBefore"/>.</summary>
    /// <returns>How many.</returns>
    Task<int> PurgeAsync(DateTimeOffset receivedBefore, CancellationToken cancellationToken = default);
}

/// <summary>A log that makes one write of a post and leaves splitting it for later, by <see cref="Alerts.PostSplitter"/>; a crash in between loses nothing.</summary>
public interface IPulledPostLog : IPostLog
{
    /// <summary>
    /// The oldest posts not yet split, in order of their ids: at most <paramref name="maxPosts"/> (1 to 1000), and no more once their bodies
    /// come to <paramref name="maxBytes"/>; so the first is always among them.
    /// </summary>
    Task<IReadOnlyList<StoredPost>> ReadUnsplitAsync(int maxPosts, int maxBytes, CancellationToken cancellationToken = default);

    /// <summary>Marks posts as split and sends their alerts to the <c>alerts</c> queue, in one transaction.</summary>
    /// <param name="posts">The oldest unsplit posts, in order, none left out, as <see cref="ReadUnsplitAsync"/> gave them.</param>
    /// <exception cref="ArgumentException">They are not. Nothing is sent.</exception>
    Task CompleteSplitAsync(IReadOnlyList<long> posts, IReadOnlyList<QueueMessage> alerts, CancellationToken cancellationToken = default);

    /// <summary>Completes when <see cref="ReadUnsplitAsync"/> may find something.</summary>
    Task WaitAsync(CancellationToken cancellationToken = default);
}

/// <param name="Source">The route's name for the sender's format: <c>alertmanager</c>, <c>prometheus</c>.</param>
/// <param name="Body">As received. Of a rejected post at most the first 64 KiB.</param>
/// <param name="Caller">The name of the token that authorised it; null for an open loopback host.</param>
/// <param name="RejectedBecause">Why it could not be read: kept for audit, never split. Null for an accepted post.</param>
public sealed record ReceivedPost(
    string Source,
    ReadOnlyMemory<byte> Body,
    DateTimeOffset ReceivedAt,
    string? Caller = null,
    string? RejectedBecause = null);

/// <param name="IsSplit">False for a rejected post: it never is.</param>
public sealed record StoredPost(long Id, ReceivedPost Post, bool IsSplit);
