using System.Globalization;
using System.Security.Cryptography;
using Pipeline.Alerts;
using Pipeline.Runtime;

namespace Pipeline.Functions.Posts;

/// <summary>
/// Archives a post in the table and sends its alerts to the queue before the sender hears 2xx. Where either fails the sender hears 503 and
/// sends again; alerts that were sent already are taken once by the intake.
/// </summary>
/// <remarks>One partition a UTC day, so that a day is purged without reading the others.</remarks>
internal sealed class TablePostLog(IEntityTable table, PostMessages messages, IMessageQueue alerts) : IPostLog
{
    private const string DaysPartition = "posts";
    private const string DayFormat = "yyyy-MM-dd";

    // 41 bits of milliseconds since 2020 and 22 of chance: ids grow, and two processes don't give the same one.
    private const int ChanceBits = 22;
    private static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private string lastDay = "";

    public async ValueTask<long> AppendAsync(ReceivedPost post, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var day = DayOf(post.ReceivedAt);
        await NoteDayAsync(day).ConfigureAwait(false);
        var body = PostLogRules.BodyToKeep(post);
        while (true)
        {
            var id = NewId(post.ReceivedAt);
            if (await TryArchiveAsync(day, id, post, body).ConfigureAwait(false))
            {
                if (post.RejectedBecause is null)
                {
                    var toSend = messages.Of(new StoredPost(id, post, IsSplit: false))
                        ?? throw new StoreUnavailableException($"Post {id} can't be split into alerts now; it is archived, and its sender may send it again.");
                    await alerts.SendAsync(toSend, CancellationToken.None).ConfigureAwait(false);
                }

                return id;
            }
        }
    }

    public async Task<StoredPost?> GetAsync(long id, CancellationToken cancellationToken = default)
    {
        var day = DayOf(Epoch.AddMilliseconds(id >> ChanceBits));
        var head = await table.GetAsync<PostHead>(Partition(day), PostChunks.HeadRow(id), cancellationToken).ConfigureAwait(false);
        return head is null ? null : await ReadAsync(day, head.Value, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<StoredPost>> ListAsync(int take, long? before = null, CancellationToken cancellationToken = default)
    {
        PostLogRules.CheckTake(take);
        var found = new List<StoredPost>();
        var days = await DaysAsync(cancellationToken).ConfigureAwait(false);
        var newest = before is { } id ? DayOf(Epoch.AddMilliseconds(id >> ChanceBits)) : null;
        foreach (var day in days.Where(day => newest is null || string.CompareOrdinal(day, newest) <= 0).OrderDescending(StringComparer.Ordinal))
        {
            await foreach (var head in HeadsAsync(day, before, cancellationToken).ConfigureAwait(false))
            {
                found.Add(await ReadAsync(day, head, cancellationToken).ConfigureAwait(false));
                if (found.Count == take)
                {
                    return found;
                }
            }
        }

        return found;
    }

    /// <summary>Whole days: those that ended before <paramref name="receivedBefore"/>.</summary>
    public async Task<int> PurgeAsync(DateTimeOffset receivedBefore, CancellationToken cancellationToken = default)
    {
        var purged = 0;
        var firstKept = DayOf(receivedBefore);
        foreach (var day in await DaysAsync(cancellationToken).ConfigureAwait(false))
        {
            if (string.CompareOrdinal(day, firstKept) < 0)
            {
                purged += await PurgeDayAsync(day, cancellationToken).ConfigureAwait(false);
                await table.CommitAsync(DaysPartition, [new EntityWrite.Delete(day)], cancellationToken).ConfigureAwait(false);
            }
        }

        return purged;
    }

    private async Task<bool> TryArchiveAsync(string day, long id, ReceivedPost post, ReadOnlyMemory<byte> body)
    {
        foreach (var rows in PostChunks.BodyRows(id, body).Chunk(PostChunks.RowsInBatch))
        {
            await table.CommitAsync(Partition(day), rows, CancellationToken.None).ConfigureAwait(false);
        }

        var head = new PostHead(id, post.Source, post.ReceivedAt, post.Caller, post.RejectedBecause, body.Length, PostChunks.CountFor(body.Length));
        var insert = new EntityWrite.Insert(PostChunks.HeadRow(id), PipelineJson.ToUtf8(head));
        return (await table.CommitAsync(Partition(day), [insert], CancellationToken.None).ConfigureAwait(false)).IsCommitted;
    }

    private async Task<StoredPost> ReadAsync(string day, PostHead head, CancellationToken cancellationToken)
    {
        var body = new byte[head.Bytes];
        for (var chunk = 0; chunk < head.Chunks; chunk++)
        {
            var row = await table.GetAsync<string>(Partition(day), PostChunks.BodyRow(head.Id, chunk), cancellationToken).ConfigureAwait(false);
            Convert.FromBase64String(row?.Value ?? "").CopyTo(body.AsSpan(chunk * PostChunks.BytesInRow));
        }

        return new StoredPost(
            head.Id, new ReceivedPost(head.Source, body, head.ReceivedAt, head.Caller, head.RejectedBecause), IsSplit: head.RejectedBecause is null);
    }

    private async IAsyncEnumerable<PostHead> HeadsAsync(
        string day, long? before, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Behind the last row of the post named, body rows included.
        var range = before is { } id ? new RowKeyRange { After = PostChunks.HeadRow(id) + "|\ufffe" } : RowKeyRange.All;
        while (await table.QueryAsync(Partition(day), range, cancellationToken).ConfigureAwait(false) is { Count: > 0 } rows)
        {
            foreach (var row in rows.Where(row => !row.RowKey.Contains('|', StringComparison.Ordinal)))
            {
                yield return PipelineJson.FromUtf8<PostHead>(row.Document.Span);
            }

            range = new RowKeyRange { After = rows[^1].RowKey };
        }
    }

    private async Task<int> PurgeDayAsync(string day, CancellationToken cancellationToken)
    {
        var posts = 0;
        var range = new RowKeyRange { Take = EntityLimits.MaxBatch };
        while (await table.QueryAsync(Partition(day), range, cancellationToken).ConfigureAwait(false) is { Count: > 0 } rows)
        {
            EntityWrite[] deletes = [.. rows.Select(row => new EntityWrite.Delete(row.RowKey))];
            await table.CommitAsync(Partition(day), deletes, cancellationToken).ConfigureAwait(false);
            posts += rows.Count(row => !row.RowKey.Contains('|', StringComparison.Ordinal));
        }

        return posts;
    }

    private async Task NoteDayAsync(string day)
    {
        if (lastDay != day)
        {
            await table.CommitAsync(DaysPartition, [new EntityWrite.Upsert(day, PipelineJson.ToUtf8(day))], CancellationToken.None).ConfigureAwait(false);
            lastDay = day;
        }
    }

    private async Task<IReadOnlyList<string>> DaysAsync(CancellationToken cancellationToken) =>
        [.. (await table.QueryAsync(DaysPartition, RowKeyRange.All, cancellationToken).ConfigureAwait(false)).Select(row => row.RowKey)];

    private static long NewId(DateTimeOffset receivedAt) =>
        ((long)(receivedAt - Epoch).TotalMilliseconds << ChanceBits) | (uint)RandomNumberGenerator.GetInt32(1 << ChanceBits);

    private static string DayOf(DateTimeOffset time) => time.UtcDateTime.ToString(DayFormat, CultureInfo.InvariantCulture);

    private static string Partition(string day) => $"posts|{day}";
}
