using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Alerts;

/// <summary>
/// Counts mended alerts by kind and source as <c>pipeline.alerts.mended</c>, and logs one of a kind every ten minutes.
/// An alert of a post
/// that is split again after a crash counts again.
/// </summary>
internal sealed partial class MendingLog(TimeProvider time, ILogger<MendingLog> logger)
{
    private const int MaxKinds = 256;

    private static readonly Meter Meter = new(PipelineMeter.Name);
    private static readonly Counter<long> Mended = Meter.CreateCounter<long>(
        "pipeline.alerts.mended", "{alert}", "Alerts taken although something about them was odd, by kind and source.");

    private readonly LogLimiter limiter = new(time, TimeSpan.FromMinutes(10), MaxKinds);

    public void Add(long post, Alert alert)
    {
        foreach (var mending in alert.Mendings ?? [])
        {
            var kind = mending.Kind.ToString();
            Mended.Add(1, KeyValuePair.Create("kind", (object?)kind), KeyValuePair.Create("source", (object?)alert.Source));
            if (limiter.Allows($"{kind} {alert.Source}", out var heldBack))
            {
                LogMended(logger, alert.Fingerprint, post, alert.Source, kind, mending.Detail, heldBack);
            }
        }
    }

    [LoggerMessage(
        116,
        LogLevel.Warning,
        "Mended alert {Fingerprint} in post {Post} of {Source}, {Kind}: {Detail} "
            + "Of this kind {HeldBack} more since the last such line.")]
    private static partial void LogMended(
        ILogger logger, string fingerprint, long post, string source, string kind, string detail, long heldBack);
}
