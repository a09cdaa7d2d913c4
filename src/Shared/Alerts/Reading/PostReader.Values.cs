using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pipeline.Alerts.Reading;

internal ref partial struct PostReader<TSink>
{
    /// <summary>Goes to the value of the current name. False where it isn't an object.</summary>
    private bool EnterObject() => Next() && json.TokenType == JsonTokenType.StartObject;

    /// <summary>Passes over the current value, which isn't of the type that the field has.</summary>
    private void LeaveOut(string name, string expected)
    {
        if (json.TokenType != JsonTokenType.Null)
        {
            Mend(AlertMendingKind.FieldLeftOut, $"\"{name}\" was {Found} instead of {expected} and was left out.");
            SkipValue();
        }
    }

    /// <summary>
    /// Goes to the value of the current name. Returns the bytes of its text as sent; less than 0 for null.
    /// </summary>
    /// <param name="kind">What the name names.</param>
    /// <param name="mended">
    /// The text where it can't be read as it was sent, empty where the sink takes no texts; null where the reader is at
    /// it.
    /// </param>
    private int ReadText(string kind, out string? mended)
    {
        mended = null;
        var name = json.ValueSpan;
        if (!Next() || json.TokenType == JsonTokenType.Null)
        {
            return -1;
        }

        if (json.TokenType == JsonTokenType.String)
        {
            if (isInvalidText)
            {
                Mend(
                    AlertMendingKind.TextReplaced,
                    $"The {kind} '{PostText.Excerpt(name)}' had an escape that stands for no character, "
                        + "and U+FFFD was taken.");
                mended = sink.TakesTexts ? OddText.Unescape(json.ValueSpan) : "";
            }

            return json.ValueSpan.Length;
        }

        Mend(
            AlertMendingKind.ValueNotText,
            $"The {kind} '{PostText.Excerpt(name)}' was {Found}, and its JSON was taken as text.");
        alert.HasOddValues = true;
        var start = (int)json.TokenStartIndex;
        SkipValue();
        var value = body[start..(int)json.BytesConsumed];
        mended = sink.TakesTexts ? Encoding.UTF8.GetString(value) : "";
        return value.Length;
    }

    /// <summary>The time that is the value of the current name; null where there is none, which is also said by 0001-01-01T00:00:00Z.</summary>
    /// <param name="unreadable">What to say of one that can't be read or can't be.</param>
    private DateTimeOffset? ReadTime(string name, AlertMendingKind unreadable)
    {
        if (!Next() || json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (json.TokenType == JsonTokenType.String && !isInvalidText && TryParseTime(out var time))
        {
            if (time >= AlertLimits.EarliestTime)
            {
                return time;
            }

            if (time == default)
            {
                return null;
            }
        }
        else if (OddTime.TryRead(json.TokenType, json.ValueSpan, out time))
        {
            var sent = PostText.Excerpt(json.ValueSpan);
            Mend(
                AlertMendingKind.TimeReread,
                string.Create(CultureInfo.InvariantCulture, $"{name} '{sent}' isn't RFC 3339 and was read as {time:u}."));
            return time;
        }

        Mend(unreadable, json.TokenType is JsonTokenType.String or JsonTokenType.Number
            ? $"{name} '{PostText.Excerpt(json.ValueSpan)}' is no time since the year {AlertLimits.EarliestTime.Year} "
                + "and was left out."
            : $"{name} was {Found} and was left out.");
        SkipValue();
        return null;
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

        alert.Status = json.TokenType == JsonTokenType.String ? PostText.StatusOf(json.ValueSpan) : null;
        if (alert.Status is null && sink.TakesTexts)
        {
            alert.SentStatus = json.TokenType == JsonTokenType.String ? $"'{PostText.Excerpt(json.ValueSpan)}'" : Found;
        }

        SkipValue();
    }

    /// <summary>
    /// The status of the whole post, which is looked for only where an alert has none of its own that is known.
    /// </summary>
    private AlertStatus? StatusOfPost()
    {
        if (!isPostStatusKnown)
        {
            postStatus = PostText.StatusOfRoot(body);
            isPostStatusKnown = true;
        }

        return postStatus;
    }

    private void MendTimes(StatusRule rule, in AlertTimes times)
    {
        if (rule == StatusRule.Stated && alert.Status is null)
        {
            var counted = StatusOfPost() is null ? "its endsAt says" : "the post's status says";
            Mend(
                AlertMendingKind.StatusUnknown,
                $"The status was {alert.SentStatus ?? "missing"} instead of firing or resolved; "
                    + $"{counted} {times.Status.ToString().ToLowerInvariant()}.");
        }

        if (times.Mended.HasFlag(TimesMended.StartAhead))
        {
            Mend(AlertMendingKind.StartAhead, times.Describe(TimesMended.StartAhead, alert.EndsAt));
        }

        if (times.Mended.HasFlag(TimesMended.EndBeforeStart))
        {
            Mend(AlertMendingKind.EndBeforeStart, times.Describe(TimesMended.EndBeforeStart, alert.EndsAt));
        }
    }

    private void ReadGeneratorUrl()
    {
        if (!Next())
        {
            return;
        }

        if (json.TokenType != JsonTokenType.String || isInvalidText)
        {
            LeaveOut("generatorURL", "a string");
        }
        else
        {
            sink.GeneratorUrl(in json);
        }
    }

    private void ReadExtra()
    {
        var name = json.ValueSpan;
        sawInvalidText = isInvalidText;
        if (!isInvalidText)
        {
            sink.Name(in json);
        }

        if (!Next())
        {
            return;
        }

        var start = (int)json.TokenStartIndex;
        SkipValue();
        if (sawInvalidText)
        {
            Mend(
                AlertMendingKind.FieldLeftOut,
                $"The field '{PostText.Excerpt(name)}' had an escape that stands for no character and was left out.");
        }
        else if (fault is null)
        {
            sink.Extra(body[start..(int)json.BytesConsumed]);
        }
    }

    /// <summary>Notes what is odd about the alert; of a kind, the first.</summary>
    private void Mend(AlertMendingKind kind, string detail)
    {
        if (sink.TakesTexts && (alert.Mendings is null || !alert.Mendings.Exists(mending => mending.Kind == kind)))
        {
            (alert.Mendings ??= []).Add(new AlertMending(kind, detail));
        }
    }
}
