using System.Globalization;
using System.Text;
using Pipeline.Alerts;

namespace Pipeline.Shared.Tests.Alerts;

/// <summary>Bodies for tests, and shorthands to read them.</summary>
internal static class Posts
{
    /// <summary>Shortly after the samples were sent.</summary>
    public static readonly DateTimeOffset ReceivedAt = DateTimeOffset.Parse("2026-11-22T07:12:00Z", CultureInfo.InvariantCulture);

    /// <summary>Bodies as Alertmanager 0.25.0, Prometheus 2.42.0 and amtool 0.25.0 sent them; the source is the file's name up to the first hyphen.</summary>
    public static IReadOnlyList<(AlertSource Source, string Name, byte[] Body)> Samples { get; } =
    [
        .. Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal).Select(path =>
            (Path.GetFileName(path).StartsWith("alertmanager", StringComparison.Ordinal) ? AlertSources.Alertmanager : AlertSources.Prometheus,
                Path.GetFileName(path),
                File.ReadAllBytes(path))),
    ];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Alerts", "Samples");

    public static byte[] Sample(string name) => Samples.Single(sample => sample.Name == name + ".json").Body;

    public static byte[] Utf8(string json) => Encoding.UTF8.GetBytes(json);

    /// <summary>A webhook post with these alerts.</summary>
    public static string Webhook(string alerts) => $$"""{"receiver":"hook","status":"firing","alerts":[{{alerts}}],"version":"4"}""";

    /// <summary>An alert that fires, with these fields in addition.</summary>
    public static string Firing(string fields = "") => $$"""{"status":"firing","labels":{"alertname":"DiskFull"}{{(fields.Length > 0 ? "," : "")}}{{fields}}}""";

    /// <summary>An alert as Prometheus posts it, with this name.</summary>
    public static string Named(string name) => $$$"""{"labels":{"alertname":"{{{name}}}"}}""";

    public static PostCheck Check(this AlertSource source, string json) => source.Check(Utf8(json), ReceivedAt);

    /// <summary>The alerts of a post that can be read.</summary>
    public static List<Alert> Read(this AlertSource source, byte[] body)
    {
        var alerts = new List<Alert>();
        var check = source.Read(body, ReceivedAt, (_, alert) => alerts.Add(alert));
        return check.Fault is null ? alerts : throw new InvalidOperationException(check.Fault.Detail);
    }

    public static Alert ReadOne(this AlertSource source, string json) => source.Read(Utf8(json)).Single();
}
