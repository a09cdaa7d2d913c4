using System.Globalization;

namespace Pipeline.Bench.Load;

/// <summary>Prints each figure as soon as it is known, as rows of Markdown tables.</summary>
internal sealed class Report(TextWriter output)
{
    private readonly List<(Target Target, int AlertsPerPost, LoadResult Result)> accepted = [];
    private string? heading;

    public void Machine()
    {
        var processor = OperatingSystem.IsLinux()
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        Line($"{processor ?? "Processor unknown"}, {Environment.ProcessorCount} logical cores, {Environment.OSVersion}, .NET {Environment.Version}");
    }

    public void Add(Target target, int alertsPerPost, int round, LoadResult result)
    {
        accepted.Add((target, alertsPerPost, result));
        Heading("Accepted, as many as it takes", "alerts a post | round | target | posts/s | alerts/s | p50 ms | p99 ms | failed");
        Line($"| {alertsPerPost} | {round} | {target} | {result.PostsPerSecond:N0} | {result.AlertsPerSecond:N0} | {Percentiles(result.Latencies)} | {result.Failed} |");
    }

    public void Ratio(int alertsPerPost)
    {
        if (MeanPostsPerSecond(Target.Pipeline, alertsPerPost) is > 0 and var ours && MeanPostsPerSecond(Target.Alertmanager, alertsPerPost) is > 0 and var theirs)
        {
            Line($"| {alertsPerPost} | all | **ratio** | **{ours / theirs:0.00}** | **{ours / theirs:0.00}** | | | |");
        }
    }

    /// <summary>0 where it was not measured.</summary>
    public double MeanPostsPerSecond(Target target, int alertsPerPost) => accepted
        .Where(one => one.Target == target && one.AlertsPerPost == alertsPerPost)
        .Select(one => one.Result.PostsPerSecond)
        .DefaultIfEmpty()
        .Average();

    public void AddFixedRate(Target target, int alertsPerPost, double rate, LoadResult result)
    {
        Heading("Latency at a fixed rate", "alerts a post | target | asked posts/s | answered posts/s | p50 ms | p99 ms | failed");
        Line($"| {alertsPerPost} | {target} | {rate:N0} | {result.PostsPerSecond:N0} | {Percentiles(result.Latencies)} | {result.Failed} |");
    }

    public void AddApply(int round, int alerts, TimeSpan accept, TimeSpan apply)
    {
        Heading("From accepted to applied", "round | alerts | accepted after s | all in incidents after s | alerts applied/s");
        Line($"| {round} | {alerts:N0} | {accept.TotalSeconds:0.0} | {apply.TotalSeconds:0.0} | {alerts / apply.TotalSeconds:N0} |");
    }

    public void AddPages(int background, Latencies times)
    {
        Heading("From the 2xx to the page", "other alerts/s | pages | p50 ms | p99 ms");
        Line($"| {background:N0} | {times.Count} | {Percentiles(times)} |");
    }

    public void AddMemory(int alerts, int escalations, long atStart, long after, long rested, long peak)
    {
        Heading("Resident memory", "alerts seen | escalations waiting | at start MB | with all MB | 10 s later MB | peak MB");
        Line($"| {alerts:N0} | {escalations:N0} | {Megabytes(atStart)} | {Megabytes(after)} | {Megabytes(rested)} | {Megabytes(peak)} |");
    }

    private void Heading(string title, string columns)
    {
        if (!string.Equals(heading, title, StringComparison.Ordinal))
        {
            heading = title;
            Line($"\n### {title}\n\n| {columns} |\n|{string.Concat(Enumerable.Repeat(" ---: |", columns.Split('|').Length))}");
        }
    }

    private void Line(FormattableString text)
    {
        output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        output.Flush();
    }

    private static string Percentiles(Latencies latencies) => string.Create(
        CultureInfo.InvariantCulture,
        $"{latencies.Percentile(0.5).TotalMilliseconds:0.00} | {latencies.Percentile(0.99).TotalMilliseconds:0.00}");

    private static string Megabytes(long kilobytes) => string.Create(CultureInfo.InvariantCulture, $"{kilobytes / 1024.0:0}");
}
