using System.Globalization;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Bench.Load;

/// <summary>Resident memory of the program with 100,000 alerts seen and 10,000 escalations waiting, as the kernel counts it (Linux only).</summary>
internal sealed class MemoryMeasurement(LoadOptions options, Report report)
{
    private const int Alerts = 100_000;
    private const int Escalations = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var target = await RunningTarget.StartAsync(Target.Pipeline, cancellationToken);
        var atStart = Kilobytes(target.ProcessId, "VmRSS");
        await ApplyMeasurement.PostAsync(target, Alerts, Escalations, "critical", options.Connections, cancellationToken);
        await ApplyMeasurement.AppliedAsync(target, Alerts, Escalations, cancellationToken);
        var receiver = target.Receiver ?? throw new InvalidOperationException("The target has no receiver of pages.");
        await Eventually.TrueAsync(
            $"{Escalations} pages, so that as many escalations wait",
            _ => Task.FromResult(receiver.Pages.DistinctBy(page => page.Key, StringComparer.Ordinal).Count() >= Escalations),
            Patience,
            cancellationToken);
        var after = Kilobytes(target.ProcessId, "VmRSS");
        await Task.Delay(Rest, TimeProvider.System, cancellationToken);
        report.AddMemory(Alerts, Escalations, atStart, after, Kilobytes(target.ProcessId, "VmRSS"), Kilobytes(target.ProcessId, "VmHWM"));
    }

    private static long Kilobytes(int processId, string field)
    {
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status"))
            .First(line => line.StartsWith(field + ':', StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
