using System.Diagnostics.Metrics;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class QueueLatenessTests
{
    [Fact]
    public void R1_A_message_due_for_too_long_is_a_fault_of_health_that_says_where_and_for_how_long()
    {
        var age = QueueLateness.Longest;
        using var lateness = new QueueLateness("notifications", () => age);
        lateness.Check();

        age += TimeSpan.FromSeconds(1);

        var fault = Assert.Throws<StoreUnavailableException>(lateness.Check);
        Assert.StartsWith("A message of the queue 'notifications' has been due for 301 s.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void R1_The_age_of_the_oldest_due_message_of_each_queue_is_a_metric()
    {
        using var alerts = new QueueLateness("lateness-test-a", () => TimeSpan.FromSeconds(1.5));
        using var notifications = new QueueLateness("lateness-test-b", () => TimeSpan.Zero);
        var measured = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == QueueLateness.GaugeName)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => measured[(string)tags[0].Value!] = value);
        listener.Start();

        listener.RecordObservableInstruments();

        Assert.Equal((1.5, 0.0), (measured["lateness-test-a"], measured["lateness-test-b"]));
    }
}
