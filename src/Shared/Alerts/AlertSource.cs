using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Pipeline.Alerts.Reading;

namespace Pipeline.Alerts;

/// <summary>A format that alerts come in. One file a format, in <c>Sources/</c>; <see cref="AlertSources"/> lists them.</summary>
public abstract class AlertSource
{
    /// <summary>What <see cref="Alert.Source"/> says, e.g. <c>alertmanager</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Which alerts of a post can be accepted and why others can't. Makes no garbage for a good post.</summary>
    /// <param name="receivedAt">What times are judged against.</param>
    public PostCheck Check(ReadOnlySpan<byte> body, DateTimeOffset receivedAt) => Parse(body, receivedAt, default(CheckOnly));

    /// <summary>
    /// The same, and hands each acceptable alert to <paramref name="take"/> with its index in the post.
    /// What was handed over counts for nothing if the result has a <see cref="PostCheck.Fault"/>.
    /// </summary>
    public PostCheck Read(ReadOnlySpan<byte> body, DateTimeOffset receivedAt, Action<int, Alert> take) =>
        Parse(body, receivedAt, new AlertBuilder(Name, receivedAt, take));

    /// <summary>Reads the root, which is the reader's current token, and the alerts in it.</summary>
    private protected abstract void ReadRoot<TSink>(scoped ref PostReader<TSink> post)
        where TSink : struct, IAlertSink;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private PostCheck Parse<TSink>(ReadOnlySpan<byte> body, DateTimeOffset receivedAt, TSink sink)
        where TSink : struct, IAlertSink
    {
        if (body.StartsWith(ByteOrderMark))
        {
            body = body[ByteOrderMark.Length..];
        }

        if (PostText.Check(body) is { } unreadable)
        {
            return new PostCheck(0, [], unreadable, 0);
        }

        var isRepaired = !Utf8.IsValid(body);
        body = isRepaired ? OddText.Repair(body) : body;
        var post = new PostReader<TSink>(
            body,
            isRepaired,
            receivedAt,
            sink,
            stackalloc ulong[AlertLimits.LabelsCompared],
            stackalloc byte[AlertLimits.NameBytesCompared]);
        try
        {
            if (post.Next())
            {
                ReadRoot(ref post);
                post.ExpectEnd();
            }
        }
        catch (JsonException exception)
        {
            return new PostCheck(0, [], PostText.Describe(exception, post.IsPastRoot), 0);
        }

        return post.Result;
    }
}

/// <summary>The formats known, by name.</summary>
public sealed class AlertSources(IEnumerable<AlertSource> sources)
{
    private readonly Dictionary<string, AlertSource> byName = sources.ToDictionary(source => source.Name, StringComparer.Ordinal);

    /// <summary>Alertmanager's webhook.</summary>
    public static AlertSource Alertmanager { get; } = new Sources.AlertmanagerWebhook();

    /// <summary>Prometheus and <c>amtool</c>, as to an Alertmanager's <c>/api/v2/alerts</c>.</summary>
    public static AlertSource Prometheus { get; } = new Sources.PrometheusAlerts();

    public static AlertSources Default { get; } = new([Alertmanager, Prometheus]);

    public IReadOnlyCollection<AlertSource> All => byName.Values;

    public bool TryGet(string name, [NotNullWhen(true)] out AlertSource? source) => byName.TryGetValue(name, out source);
}
