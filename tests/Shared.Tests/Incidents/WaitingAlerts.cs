using Pipeline.Alerts;
using Pipeline.Runtime;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>A queue of which a test says what waits in it, and a log whose posts are all split.</summary>
internal sealed class WaitingAlerts : IBacklog, IPostLog
{
    public Alert? Oldest { get; set; }

    /// <summary>Whether the queue can't be looked at.</summary>
    public bool IsAway { get; set; }

    public Task<ReceivedMessage?> OldestAsync(CancellationToken cancellationToken = default) => IsAway
        ? throw new StoreUnavailableException("away")
        : Task.FromResult(Oldest is null ? null : new ReceivedMessage(1, "s", "1-0", AlertJson.Write(Oldest), 0, Oldest.ReceivedAt));

    public ValueTask<long> AppendAsync(ReceivedPost post, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<StoredPost?> GetAsync(long id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredPost>> ListAsync(int take, long? before = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<int> PurgeAsync(DateTimeOffset receivedBefore, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
