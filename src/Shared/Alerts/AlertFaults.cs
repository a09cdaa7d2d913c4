namespace Pipeline.Alerts;

/// <summary>Why a whole post is refused.</summary>
public enum PostFault
{
    EmptyBody,
    InvalidUtf8,
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

/// <summary>Why one alert of a post is refused.</summary>
public enum AlertFault
{
    NotAnObject,
    FieldTwice,
    WrongType,

    /// <summary>An escape such as <c>\ud800</c> that stands for no character.</summary>
    InvalidText,
    NoLabels,
    TooManyLabels,
    InvalidName,
    LabelTwice,
    LabelTooLong,
    TooLarge,
    UnknownStatus,
    InvalidTime,
    StartsInFuture,
    EndsBeforeStart,
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
public readonly record struct PostCheck(int Accepted, IReadOnlyList<AlertRejection> Rejected, PostRejection? Fault, long TruncatedAlerts);
