namespace Pipeline.Alerts.Reading;

[Flags]
internal enum AlertFields
{
    Unknown = 0,
    Labels = 1,
    Annotations = 2,
    StartsAt = 4,
    EndsAt = 8,
    GeneratorUrl = 16,
    Status = 32,
    Fingerprint = 64,
}

/// <summary>What was read of the current alert.</summary>
internal struct AlertDraft
{
    public AlertFields Seen;
    public AlertStatus? Status;
    public DateTimeOffset? StartsAt;
    public DateTimeOffset? EndsAt;

    /// <summary>A status that isn't known, for people.</summary>
    public string? SentStatus;

    /// <summary>Labels with a value.</summary>
    public int Labels;

    /// <summary>Of their names and values, these as far as they are kept in any case.</summary>
    public int LabelBytes;

    /// <summary>Values of labels or annotations that aren't strings.</summary>
    public bool HasOddValues;

    /// <summary>Null as long as there are none.</summary>
    public List<AlertMending>? Mendings;

    public AlertFault Fault;

    /// <summary>Why it is rejected; null as long as it isn't.</summary>
    public string? Reason;

    /// <summary>The first reason counts.</summary>
    public void Reject(AlertFault fault, string reason)
    {
        if (Reason is null)
        {
            Fault = fault;
            Reason = reason;
        }
    }
}
