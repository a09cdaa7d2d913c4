using System.Globalization;
using System.Text;

namespace Pipeline.Bench.Micro;

/// <summary>Posts as Alertmanager's webhook sends them, of about 550 bytes an alert.</summary>
internal static class SamplePosts
{
    public static readonly DateTimeOffset ReceivedAt = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    public static byte[] Webhook(int alerts) => Encoding.UTF8.GetBytes(
        "{\"receiver\":\"pipeline\",\"status\":\"firing\",\"alerts\":["
        + string.Join(',', Enumerable.Range(0, alerts).Select(Alert))
        + "],\"groupLabels\":{\"alertname\":\"HighErrorRate\"},\"commonLabels\":{\"alertname\":\"HighErrorRate\",\"severity\":\"critical\"},"
        + "\"commonAnnotations\":{},\"externalURL\":\"http://alertmanager.example:9093\",\"version\":\"4\","
        + "\"groupKey\":\"{}:{alertname=\\\"HighErrorRate\\\"}\",\"truncatedAlerts\":0}");

    private static string Alert(int number) =>
        "{\"status\":\"firing\",\"labels\":{\"alertname\":\"HighErrorRate\",\"environment\":\"production\","
        + string.Create(CultureInfo.InvariantCulture, $"\"instance\":\"10.0.{number / 256}.{number % 256}:8080\",")
        + "\"job\":\"checkout\",\"region\":\"eu-west-1\",\"service\":\"checkout\",\"severity\":\"critical\"},"
        + "\"annotations\":{\"error_rate\":\"12.5%\",\"runbook_url\":\"https://runbooks.example/high-error-rate\",\"summary\":\"Error rate above 5%\"},"
        + "\"startsAt\":\"2026-01-05T08:59:30.123456789Z\",\"endsAt\":\"0001-01-01T00:00:00Z\","
        + "\"generatorURL\":\"http://prometheus.example:9090/graph?g0.expr=error_rate+%3E+0.05\\u0026g0.tab=1\",\"fingerprint\":\"4e1a5121ca8394f9\"}";
}
