using System.Text.Json;

namespace Pipeline.Alerts.Reading;

internal ref partial struct PostReader<TSink>
{
    /// <summary>Goes into the object that is the value of the current name. False where it is null, or something else, which rejects the alert.</summary>
    private bool EnterObject(string name)
    {
        if (!Next())
        {
            return false;
        }

        if (json.TokenType == JsonTokenType.StartObject)
        {
            return true;
        }

        if (json.TokenType != JsonTokenType.Null)
        {
            alert.Reject(AlertFault.WrongType, $"\"{name}\" must be an object, found {Found}.");
            SkipValue();
        }

        return false;
    }

    /// <summary>Goes to the value of the current name. False where it isn't a string, which rejects the alert.</summary>
    /// <param name="within">The object that the name stands in.</param>
    private bool NextString(string within)
    {
        var name = json.ValueSpan;
        if (!Next())
        {
            return false;
        }

        if (json.TokenType == JsonTokenType.String)
        {
            return true;
        }

        alert.Reject(AlertFault.WrongType, $"\"{PostText.Excerpt(name)}\" in \"{within}\" must be a string, found {Found}.");
        SkipValue();
        return false;
    }

    /// <summary>The time that is the value of the current name; null where there is none, which is also said by 0001-01-01T00:00:00Z.</summary>
    private DateTimeOffset? ReadTime(string name)
    {
        if (!Next() || json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.String)
        {
            alert.Reject(AlertFault.WrongType, $"\"{name}\" must be a string, found {Found}.");
            SkipValue();
            return null;
        }

        if (isInvalidText)
        {
            return null;
        }

        if (!TryParseTime(out var time))
        {
            alert.Reject(AlertFault.InvalidTime, $"\"{name}\" '{PostText.Excerpt(json.ValueSpan)}' is no time by RFC 3339, such as 2026-01-05T09:00:00Z.");
            return null;
        }

        if (time == default)
        {
            return null;
        }

        if (time < AlertLimits.EarliestTime)
        {
            alert.Reject(AlertFault.InvalidTime, $"\"{name}\" '{PostText.Excerpt(json.ValueSpan)}' is before the year {AlertLimits.EarliestTime.Year}.");
        }

        return time;
    }

    private readonly bool TryParseTime(out DateTimeOffset time)
    {
        var text = json.ValueSpan;
        if (json.ValueIsEscaped && text.Length <= unescaped.Length)
        {
            text = unescaped[..json.CopyString(unescaped)];
        }

        return Rfc3339.TryParse(text, out time);
    }

    private void ReadStatus()
    {
        if (!Next())
        {
            return;
        }

        if (json.TokenType == JsonTokenType.String && Is("firing"u8))
        {
            alert.Status = AlertStatus.Firing;
        }
        else if (json.TokenType == JsonTokenType.String && Is("resolved"u8))
        {
            alert.Status = AlertStatus.Resolved;
        }
        else
        {
            var found = json.TokenType == JsonTokenType.String ? $"'{PostText.Excerpt(json.ValueSpan)}'" : Found;
            alert.Reject(AlertFault.UnknownStatus, $"\"status\" must be \"firing\" or \"resolved\", found {found}.");
            SkipValue();
        }
    }

    private void ReadGeneratorUrl()
    {
        if (!Next() || json.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (json.TokenType != JsonTokenType.String)
        {
            alert.Reject(AlertFault.WrongType, $"\"generatorURL\" must be a string, found {Found}.");
            SkipValue();
        }
        else if (alert.Reason is null)
        {
            sink.GeneratorUrl(in json);
        }
    }

    private void ReadExtra()
    {
        if (alert.Reason is null)
        {
            sink.Name(in json);
        }

        if (!Next())
        {
            return;
        }

        var start = (int)json.TokenStartIndex;
        SkipValue();
        if (fault is null && alert.Reason is null)
        {
            sink.Extra(body[start..(int)json.BytesConsumed]);
        }
    }
}

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

    /// <summary>Labels with a value.</summary>
    public int Labels;

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
