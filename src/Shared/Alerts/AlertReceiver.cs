using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Alerts;

/// <summary>What became of a post.</summary>
/// <param name="Accepted">Alerts that are durable now.</param>
/// <param name="Rejected">Alerts that are not taken, and why.</param>
/// <param name="Refused">Why nothing of the post is taken; null where it was accepted.</param>
public readonly record struct ReceiveResult(int Accepted, IReadOnlyList<AlertRejection> Rejected, PostRejection? Refused);

/// <summary>Takes what a monitoring system posts: checks it and appends it, whole, to the post log. Splitting it into alerts comes later.</summary>
public sealed partial class AlertReceiver(IPostLog posts, ILogger<AlertReceiver> logger)
{
    /// <summary>
    /// Durable when it returns, also a refused post as a record of it.
    /// Throws <see cref="StoreUnavailableException"/> where nothing can be made durable.
    /// </summary>
    /// <param name="body">The caller's again when the task completes, and not before.</param>
    /// <param name="caller">The name of the token that authorised it; null for an open loopback host.</param>
    public async ValueTask<ReceiveResult> ReceiveAsync(
        AlertSource source, ReadOnlyMemory<byte> body, string? caller, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        var check = source.Check(body.Span, now);
        if (Decide(check) is { } refused)
        {
            await posts.AppendAsync(new ReceivedPost(source.Name, body, now, caller, refused.Detail), cancellationToken).ConfigureAwait(false);
            LogRefused(logger, source.Name, caller, refused.Fault, refused.Detail);
            return new ReceiveResult(0, check.Rejected, refused);
        }

        var id = await posts.AppendAsync(new ReceivedPost(source.Name, body, now, caller), cancellationToken).ConfigureAwait(false);
        if (check.Rejected.Count > 0)
        {
            LogRejected(logger, source.Name, caller, id, check.Rejected.Count, check.Accepted, check.Rejected[0].Fault, check.Rejected[0].Reason);
        }

        if (check.TruncatedAlerts > 0)
        {
            LogTruncated(logger, source.Name, caller, id, check.TruncatedAlerts);
        }

        return new ReceiveResult(check.Accepted, check.Rejected, null);
    }

    /// <summary>Why a post is refused as a whole; null to accept it. A post without any alert is accepted.</summary>
    public static PostRejection? Decide(in PostCheck check)
    {
        if (check.Fault is not null || check.Accepted > 0 || check.Rejected.Count == 0)
        {
            return check.Fault;
        }

        var first = check.Rejected[0];
        return new PostRejection(PostFault.NoAcceptableAlert, check.Rejected.Count == 1
            ? $"The alert can't be accepted: {first.Reason}"
            : string.Create(CultureInfo.InvariantCulture, $"None of the {check.Rejected.Count} alerts can be accepted. Alert {first.Index}: {first.Reason}"));
    }

    [LoggerMessage(110, LogLevel.Warning, "Post {Post} of {Source} (caller {Caller}) lacks {Truncated} alerts that the sender left out; raise max_alerts of its webhook_config.")]
    private static partial void LogTruncated(ILogger logger, string source, string? caller, long post, long truncated);

    [LoggerMessage(111, LogLevel.Warning, "A post of {Source} (caller {Caller}) was refused, {Fault}: {Detail}")]
    private static partial void LogRefused(ILogger logger, string source, string? caller, PostFault fault, string detail);

    [LoggerMessage(112, LogLevel.Warning, "Post {Post} of {Source} (caller {Caller}): {Rejected} alerts rejected, {Accepted} accepted. The first rejected, {Fault}: {Reason}")]
    private static partial void LogRejected(ILogger logger, string source, string? caller, long post, int rejected, int accepted, AlertFault fault, string reason);
}
