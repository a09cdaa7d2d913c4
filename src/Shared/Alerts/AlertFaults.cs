namespace Pipeline.Alerts;

/// <summary>Why a whole post is refused.</summary>
public enum PostFault
{
    EmptyBody,
    MalformedJson,
    TrailingData,
    TooDeep,
    WrongRoot,
    MissingAlerts,
    AlertsTwice,
    TooManyAlerts,

    /// <summary>It can be read, and has alerts, but none that is acceptable.</summary>
    NoAcceptableAlert,
}

/// <summary>
/// Why one alert of a post is refused. Whatever else is odd about it is mended: <see cref="AlertMendingKind"/>.
/// </summary>
public enum AlertFault
{
    NotAnObject,

    /// <summary>Labels that aren't an object.</summary>
    WrongType,
    NoLabels,

    /// <summary>Larger than a message, and its labels alone are too many or too long to be cut.</summary>
    TooLarge,
}

/// <param name="Detail">What and where, for the sender's operator.</param>
public sealed record PostRejection(PostFault Fault, string Detail);

/// <param name="Index">The alert's place in the post, from 0.</param>
/// <param name="Reason">What and where, for the sender's operator.</param>
public sealed record AlertRejection(int Index, AlertFault Fault, string Reason);

/// <summary>What a post holds.</summary>
/// <param name="Accepted">Acceptable alerts; 0 where <paramref name="Fault"/> is set.</param>
/// <param name="Rejected">The others, in the order of the post.</param>
/// <param name="Fault">Why nothing of the post can be used; null where it can be read.</param>
/// <param name="TruncatedAlerts">Alerts that the sender left out, by its own count.</param>
/// <param name="Sender">The sender's own address; null where it gives none, or only a check was made.</param>
public readonly record struct PostCheck(int Accepted, IReadOnlyList<AlertRejection> Rejected, PostRejection? Fault, long TruncatedAlerts, string? Sender = null);
