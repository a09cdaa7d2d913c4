using BenchmarkDotNet.Attributes;
using Pipeline.Alerts;

namespace Pipeline.Bench.Micro;

/// <summary>What one post costs the request (check) and the splitter (read, write as a message).</summary>
[MemoryDiagnoser]
public class PostBenchmarks
{
    private byte[] body = [];
    private Alert[] alerts = [];

    [Params(1, 10, 500)]
    public int Alerts { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        body = SamplePosts.Webhook(Alerts);
        var read = new List<Alert>();
        AlertSources.Alertmanager.Read(body, SamplePosts.ReceivedAt, (_, alert) => read.Add(alert));
        alerts = [.. read];
    }

    [Benchmark]
    public int Check() => AlertSources.Alertmanager.Check(body, SamplePosts.ReceivedAt).Accepted;

    [Benchmark]
    public int Read() => AlertSources.Alertmanager.Read(body, SamplePosts.ReceivedAt, static (_, _) => { }).Accepted;

    [Benchmark]
    public int WriteAsMessages()
    {
        var bytes = 0;
        foreach (var alert in alerts)
        {
            bytes += AlertJson.Write(alert).Length;
        }

        return bytes;
    }
}

/// <summary>Identity of one alert with seven labels.</summary>
[MemoryDiagnoser]
public class FingerprintBenchmarks
{
    private IReadOnlyDictionary<string, string> labels = new Dictionary<string, string>(StringComparer.Ordinal);

    [GlobalSetup]
    public void Prepare() =>
        AlertSources.Alertmanager.Read(SamplePosts.Webhook(1), SamplePosts.ReceivedAt, (_, alert) => labels = alert.Labels);

    [Benchmark]
    public string Fingerprint() => Pipeline.Alerts.Fingerprint.Of(labels);
}
