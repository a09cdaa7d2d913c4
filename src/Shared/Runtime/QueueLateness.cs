using System.Diagnostics.Metrics;

namespace Pipeline.Runtime;

/// <summary>
/// Watches how long the message of a queue that has been due longest has waited: as the gauge <see cref="GaugeName"/> in seconds, with the
/// tag <c>queue</c>, and as a fault of health when it has waited longer than <see cref="Longest"/>.
/// </summary>
internal sealed class QueueLateness : IDisposable
{
    public const string MeterName = "Pipeline.Queues";

    public const string GaugeName = "pipeline.queue.oldest_due.age";

    /// <summary>
    /// The time that the built-in escalation policy leaves a person to acknowledge: what comes later than that comes when the next
    /// person is paged already. A far end that is away doesn't bring a queue there, since its messages wait for their next try.
    /// </summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly string queue;
    private readonly Func<TimeSpan> ageOfOldestDue;
    private readonly Meter meter = new(MeterName);

    public QueueLateness(string queue, Func<TimeSpan> ageOfOldestDue)
    {
        this.queue = queue;
        this.ageOfOldestDue = ageOfOldestDue;
        meter.CreateObservableGauge(
            GaugeName,
            () => new Measurement<double>(ageOfOldestDue().TotalSeconds, new KeyValuePair<string, object?>("queue", queue)),
            "s",
            "How long the message that has been due longest has waited.");
    }

    /// <exception cref="StoreUnavailableException">A message has been due for longer than <see cref="Longest"/>; says for how long.</exception>
    public void Check()
    {
        if (ageOfOldestDue() is var age && age > Longest)
        {
            throw new StoreUnavailableException(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"A message of the queue '{queue}' has been due for {(long)age.TotalSeconds} s. Look at the log and the load; if neither says why, restart the program: nothing is lost by it."));
        }
    }

    public void Dispose() => meter.Dispose();
}
