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

        var fits = AlertLimits.FitsMessage(text, alert.HasOddValues);
        if (!fits && alert.LabelBytes > AlertLimits.MaxCutLabelsBytes)
        {
            alert.Reject(
                AlertFault.TooLarge,
                $"The alert has {text.Length} bytes, {alert.LabelBytes} of them in labels; "
                    + $"at most {AlertLimits.MaxCutLabelsBytes} bytes of labels are taken of an alert this large.");
        }

        if (alert.Reason is not null)
        {
            (rejected ??= []).Add(new AlertRejection(index, alert.Fault, alert.Reason));
            return;
        }

        accepted++;
        var stated = rule == StatusRule.Stated ? alert.Status ?? StatusOfPost() : null;
        var times = AlertTimes.Judge(stated, alert.StartsAt, alert.EndsAt, receivedAt);
        if (sink.TakesTexts)
        {
            MendTimes(rule, times);
            if (isRepaired && text.IndexOf("\uFFFD"u8) >= 0)
            {
                Mend(
                    AlertMendingKind.TextReplaced,
                    "The alert had bytes that aren't UTF-8, and U+FFFD was taken for each.");
            }
        }

        sink.End(index, in times, fits, alert.Mendings);
    }

    private void ReadField(StatusRule rule)
    {
        var field = FieldOf(rule);
        if ((alert.Seen & field) != AlertFields.Unknown)
        {
            Mend(
                AlertMendingKind.FieldTwice,
                $"\"{PostText.Excerpt(json.ValueSpan)}\" stood in the alert twice, and the last one was taken.");
        }

        alert.Seen |= field;
        switch (field)
        {
            case AlertFields.Labels: ReadLabels(); break;
            case AlertFields.Annotations: ReadAnnotations(); break;
            case AlertFields.StartsAt: alert.StartsAt = ReadTime("startsAt", AlertMendingKind.StartUnreadable); break;
            case AlertFields.EndsAt: alert.EndsAt = ReadTime("endsAt", AlertMendingKind.EndUnreadable); break;
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
        if (!EnterObject())
        {
            if (fault is null && json.TokenType != JsonTokenType.Null)
            {
                alert.Reject(AlertFault.WrongType, $"\"labels\" must be an object, found {Found}.");
                SkipValue();
            }

            return;
        }

        var names = 0;
        while (NextField())
        {
            ReadLabelName(ref names);
            var nameBytes = json.ValueSpan.Length;
            var bytes = ReadText("label", out var mended);
            if (bytes <= 0)
            {
                continue;
            }

            alert.Labels++;
            alert.LabelBytes += nameBytes + Math.Min(bytes, AlertLimits.CutLabelBytes);
            if (mended is null)
            {
                sink.Label(in json);
            }
            else
            {
                sink.Label(mended);
            }
        }
    }

    private void ReadAnnotations()
    {
        if (!EnterObject())
        {
            LeaveOut("annotations", "an object");
            return;
        }

        while (NextField())
        {
            ReadName();
            if (ReadText("annotation", out var mended) < 0)
            {
                continue;
            }

            if (mended is null)
            {
                sink.Annotation(in json);
            }
            else
            {
                sink.Annotation(mended);
            }
        }
    }

    private void ReadLabelName(ref int names)
    {
        var name = ReadName();
        if (names == labelNames.Length)
        {
            return;
        }

        // Names are told apart by 64 bits of hash: two that collide would only be said to be one.
        var hash = Fnv1A.Add(Fnv1A.Start, name);
        if (labelNames[..names].Contains(hash))
        {
            Mend(
                AlertMendingKind.LabelTwice,
                $"The label '{PostText.Excerpt(name)}' stood in the alert twice, and the last value was taken.");
            return;
        }

        labelNames[names++] = hash;
    }

    /// <summary>The current name, any text, without its escapes where there is room.</summary>
    private ReadOnlySpan<byte> ReadName()
    {
        var name = json.ValueSpan;
        if (isInvalidText)
        {
            Mend(
                AlertMendingKind.TextReplaced,
                $"The name '{PostText.Excerpt(name)}' had an escape that stands for no character, and U+FFFD was taken.");
            sink.Name(sink.TakesTexts ? OddText.Unescape(name) : "");
            return name;
        }

        if (json.ValueIsEscaped && name.Length <= unescaped.Length)
        {
            name = unescaped[..json.CopyString(unescaped)];
        }

        sink.Name(in json);
        return name;
    }
}
