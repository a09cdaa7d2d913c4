using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>
/// Logs what the ends of alerts say of their senders' clocks, one line of a kind and sender every ten minutes, and counts
/// resolves of alerts that nobody saw firing as <c>pipeline.alerts.unseen_resolves</c>.
/// </summary>
internal sealed partial class EndLog(TimeProvider time, ILogger logger)
{
    private const int MaxKinds = 256;

    private static readonly Meter Meter = new(PipelineMeter.Name);
    private static readonly Counter<long> Unseen = Meter.CreateCounter<long>(
        "pipeline.alerts.unseen_resolves", "{alert}", "Resolves of alerts that nobody saw firing, by source.");

    private readonly LogLimiter limiter = new(time, TimeSpan.FromMinutes(10), MaxKinds);

    public void Note(string sender, Alert alert, EndDecision decision, AlertNews news)
    {
        var isUnseen = news == AlertNews.ResolveWithoutFiring;
        if (isUnseen)
        {
            Unseen.Add(1, KeyValuePair.Create("source", (object?)alert.Source));
        }

        if (decision.Seen is not { } seen)
        {
            return;
        }

        var ago = alert.ReceivedAt - seen.End;
        if (decision.Reading == EndReading.FiresByASlowClock)
        {
            if (news is AlertNews.New or AlertNews.Refired)
            {
                LogSlowClock(logger, sender, ago, alert.Fingerprint);
            }
        }
        else if (decision.Reading != EndReading.AsSent && (isUnseen || ago > SlowClock.LongestDelivery))
        {
            if (limiter.Allows($"moves {sender}", out var heldBack))
            {
                LogMovingEnd(logger, alert.Fingerprint, sender, ago, heldBack);
            }
        }
        else if (isUnseen && limiter.Allows($"unseen {sender}", out var heldBack))
        {
            LogUnseenResolve(logger, alert.Fingerprint, sender, ago, heldBack);
        }
    }

    [LoggerMessage(
        128,
        LogLevel.Warning,
        "The clock of {Sender} is slow by more than {Behind}: the end of alert {Fingerprint} lay in the past and moved on "
            + "with each resend, so it is taken as firing. Set that clock.")]
    private static partial void LogSlowClock(ILogger logger, string sender, TimeSpan behind, string fingerprint);

    [LoggerMessage(
        129,
        LogLevel.Warning,
        "The end of alert {Fingerprint} of {Sender} lay {Ago} in the past and moved on with the next post; it was taken as "
            + "resolved. If it fires, the clock of its sender is slow: set it. Of this sender {HeldBack} more since the last such line.")]
    private static partial void LogMovingEnd(
        ILogger logger, string fingerprint, string sender, TimeSpan ago, long heldBack);

    [LoggerMessage(
        132,
        LogLevel.Information,
        "Alert {Fingerprint} of {Sender} ended {Ago} ago and nobody saw it firing. "
            + "Of this sender {HeldBack} more since the last such line.")]
    private static partial void LogUnseenResolve(
        ILogger logger, string fingerprint, string sender, TimeSpan ago, long heldBack);
}
