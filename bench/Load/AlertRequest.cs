using System.Globalization;
using System.Text;

namespace Pipeline.Bench.Load;

/// <summary>
/// A whole HTTP/1.1 request as bytes, as Prometheus sends it. Before each sending the digits that tell its alerts apart are written over in place,
/// so that distinct alerts cost the client next to nothing.
/// </summary>
internal sealed class AlertRequest
{
    private const int AlertDigits = 7;
    private const int ServiceDigits = 5;
    private const string AlertMark = "@@@@@@@";
    private const string ServiceMark = "#####";

    private readonly byte[] bytes;
    private readonly int[] alertOffsets;
    private readonly int[] serviceOffsets;
    private readonly int services;

    private AlertRequest(byte[] bytes, int services)
    {
        this.bytes = bytes;
        this.services = services;
        alertOffsets = OffsetsOf(bytes, AlertMark);
        serviceOffsets = OffsetsOf(bytes, ServiceMark);
    }

    public ReadOnlyMemory<byte> Bytes => bytes;

    public int AlertsPerPost => alertOffsets.Length;

    /// <param name="services">Alert number n is of service n modulo this.</param>
    /// <param name="severity">Its label.</param>
    public static AlertRequest Create(string authority, int alertsPerPost, int services, string severity, DateTimeOffset startsAt)
    {
        var alert = Alert(severity, startsAt);
        var body = '[' + string.Join(',', Enumerable.Repeat(alert, alertsPerPost)) + ']';
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /api/v2/alerts HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: Prometheus/2.42.0\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        return new AlertRequest(Encoding.ASCII.GetBytes(head + body), services);
    }

    /// <summary>A copy with bytes of its own, one for each connection.</summary>
    public AlertRequest Copy() => new([.. bytes], services, alertOffsets, serviceOffsets);

    private AlertRequest(byte[] bytes, int services, int[] alertOffsets, int[] serviceOffsets)
    {
        this.bytes = bytes;
        this.services = services;
        this.alertOffsets = alertOffsets;
        this.serviceOffsets = serviceOffsets;
    }

    /// <summary>Makes it hold the alerts <paramref name="first"/>, first + 1, … below <paramref name="distinct"/>, beginning again from 0.</summary>
    public void Number(long first, int distinct)
    {
        for (var index = 0; index < alertOffsets.Length; index++)
        {
            var number = (int)((first + index) % distinct);
            Write(alertOffsets[index], AlertDigits, number);
            Write(serviceOffsets[index], ServiceDigits, number % services);
        }
    }

    public static string ServiceName(int number) => string.Create(CultureInfo.InvariantCulture, $"service-{number:D5}");

    private void Write(int offset, int digits, int number)
    {
        for (var position = offset + digits - 1; position >= offset; position--)
        {
            (number, var digit) = Math.DivRem(number, 10);
            bytes[position] = (byte)('0' + digit);
        }
    }

    private static string Alert(string severity, DateTimeOffset startsAt)
    {
        var starts = startsAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        var ends = startsAt.AddHours(6).UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        return "{\"annotations\":{\"summary\":\"Requests take too long\",\"description\":\"The 99th percentile is above its limit for five minutes\"},"
            + $"\"endsAt\":\"{ends}\",\"startsAt\":\"{starts}\",\"generatorURL\":\"http://prometheus.example:9090/graph?g0.expr=latency&g0.tab=1\","
            + $"\"labels\":{{\"alertname\":\"LatencyHigh\",\"environment\":\"production\",\"instance\":\"host-{AlertMark}:9100\",\"job\":\"api\","
            + $"\"service\":\"service-{ServiceMark}\",\"severity\":\"{severity}\"}}}}";
    }

    private static int[] OffsetsOf(byte[] bytes, string mark)
    {
        var found = new List<int>();
        var wanted = Encoding.ASCII.GetBytes(mark);
        for (var from = 0; bytes.AsSpan(from).IndexOf(wanted) is var at and >= 0; from += at + wanted.Length)
        {
            found.Add(from + at);
        }

        return [.. found];
    }
}
