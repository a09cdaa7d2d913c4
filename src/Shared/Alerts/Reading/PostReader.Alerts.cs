using System.Text.Json;

namespace Pipeline.Alerts.Reading;

internal ref partial struct PostReader<TSink>
{
    /// <summary>Reads the array at whose start the reader is.</summary>
    public void ReadAlerts(StatusRule rule)
    {
        for (var index = 0; Next() && json.TokenType != JsonTokenType.EndArray; index++)
        {
            if (index == AlertLimits.MaxAlerts)
            {
                Fail(PostFault.TooManyAlerts, $"The post has more than {AlertLimits.MaxAlerts} alerts; send them in several posts.");
                return;
            }

            ReadAlert(index, rule);
        }
    }

    private void ReadAlert(int index, StatusRule rule)
    {
        alert = default;
        var start = (int)json.TokenStartIndex;
        if (json.TokenType == JsonTokenType.StartObject)
        {
            sink.Begin();
            while (NextField())
            {
                ReadField(rule);
            }
        }
        else
        {
            alert.Reject(AlertFault.NotAnObject, $"An alert must be an object, found {Found}.");
            SkipValue();
        }

        if (fault is null)
        {
            Conclude(index, rule, body[start..(int)json.BytesConsumed]);
        }
    }

    private void Conclude(int index, StatusRule rule, ReadOnlySpan<byte> text)
    {
        if (alert.Labels == 0)
        {
            alert.Reject(AlertFault.NoLabels, "The alert has no label with a value; its labels are its identity.");
        }

        if (rule == StatusRule.Stated && alert.Status is null)
        {
            alert.Reject(AlertFault.UnknownStatus, "The alert has no status; expected \"firing\" or \"resolved\".");
        }

        if (!AlertLimits.FitsMessage(text))
        {
            alert.Reject(AlertFault.TooLarge, $"The alert has {text.Length} bytes; at most {AlertLimits.MaxAlertBytes} are taken, less where it isn't plain ASCII.");
        }

        if (AlertTimes.Judge(alert.Status, alert.StartsAt, alert.EndsAt, receivedAt, out var times) is { } why)
        {
            alert.Reject(why, times.Describe(why, receivedAt));
        }

        if (alert.Reason is null)
        {
            accepted++;
            sink.End(index, in times);
        }
        else
        {
            (rejected ??= []).Add(new AlertRejection(index, alert.Fault, alert.Reason));
        }
    }

    private void ReadField(StatusRule rule)
    {
        var field = FieldOf(rule);
        if ((alert.Seen & field) != AlertFields.Unknown)
        {
            alert.Reject(AlertFault.FieldTwice, $"\"{PostText.Excerpt(json.ValueSpan)}\" stands in the alert twice.");
        }

        alert.Seen |= field;
        switch (field)
        {
            case AlertFields.Labels: ReadLabels(); break;
            case AlertFields.Annotations: ReadAnnotations(); break;
            case AlertFields.StartsAt: alert.StartsAt = ReadTime("startsAt"); break;
            case AlertFields.EndsAt: alert.EndsAt = ReadTime("endsAt"); break;
            case AlertFields.GeneratorUrl: ReadGeneratorUrl(); break;
            case AlertFields.Status: ReadStatus(); break;
            case AlertFields.Fingerprint: SkipField(); break;
            default: ReadExtra(); break;
        }
    }

    private readonly AlertFields FieldOf(StatusRule rule) =>
        Is("labels"u8) ? AlertFields.Labels
        : Is("annotations"u8) ? AlertFields.Annotations
        : Is("startsAt"u8) ? AlertFields.StartsAt
        : Is("endsAt"u8) ? AlertFields.EndsAt
        : Is("generatorURL"u8) ? AlertFields.GeneratorUrl
        : rule == StatusRule.Stated && Is("status"u8) ? AlertFields.Status
        : rule == StatusRule.Stated && Is("fingerprint"u8) ? AlertFields.Fingerprint
        : AlertFields.Unknown;

    private void ReadLabels()
    {
        if (!EnterObject("labels"))
        {
            return;
        }

        var names = 0;
        while (NextField())
        {
            ReadLabelName(ref names);
            if (!NextString("labels") || json.ValueSpan.IsEmpty)
            {
                continue;
            }

            if (json.ValueSpan.Length > AlertLimits.MaxLabelValueBytes)
            {
                alert.Reject(AlertFault.LabelTooLong, $"A label's value has {json.ValueSpan.Length} bytes; at most {AlertLimits.MaxLabelValueBytes} are taken.");
            }

            alert.Labels++;
            if (alert.Reason is null)
            {
                sink.Label(in json);
            }
        }
    }

    private void ReadAnnotations()
    {
        if (!EnterObject("annotations"))
        {
            return;
        }

        while (NextField())
        {
            ReadName("annotation");
            if (NextString("annotations") && alert.Reason is null)
            {
                sink.Annotation(in json);
            }
        }
    }

    private void ReadLabelName(ref int names)
    {
        var name = ReadName("label");
        if (alert.Reason is not null)
        {
            return;
        }

        if (names == AlertLimits.MaxLabels)
        {
            alert.Reject(AlertFault.TooManyLabels, $"The alert has more than {AlertLimits.MaxLabels} labels.");
            return;
        }

        // Names are told apart by 64 bits of hash: two that collide would refuse their own alert, and nobody else's.
        var hash = Fnv1A.Add(Fnv1A.Start, name);
        if (labelNames[..names].Contains(hash))
        {
            alert.Reject(AlertFault.LabelTwice, $"The label '{PostText.Excerpt(name)}' stands in the alert twice.");
            return;
        }

        labelNames[names++] = hash;
    }

    /// <summary>The current name without escapes, where the alert isn't rejected.</summary>
    private ReadOnlySpan<byte> ReadName(string kind)
    {
        var name = json.ValueSpan;
        if (name.Length > AlertLimits.MaxNameBytes)
        {
            alert.Reject(AlertFault.InvalidName, $"The name of a {kind} has {name.Length} bytes; at most {AlertLimits.MaxNameBytes} are taken.");
        }

        if (alert.Reason is not null)
        {
            return name;
        }

        if (json.ValueIsEscaped)
        {
            name = unescaped[..json.CopyString(unescaped)];
        }

        if (!PostText.IsName(name))
        {
            alert.Reject(AlertFault.InvalidName, name.IsEmpty ? $"The name of a {kind} is empty." : $"The name of a {kind} has a control character.");
            return name;
        }

        sink.Name(in json);
        return name;
    }
}
