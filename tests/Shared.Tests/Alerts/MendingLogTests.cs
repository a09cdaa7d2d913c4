using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Pipeline.Alerts;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

public sealed class MendingLogTests : IDisposable
{
    private readonly LogRecorder log = new();
    private readonly ManualTimeProvider clock = new();

    public void Dispose() => log.Dispose();

    [Fact]
    public void D11_Mendings_are_counted_by_kind_and_logged_every_ten_minutes()
    {
        // The meter is the process's: other tests count too, but not this source.
        var alert = AlertSources.Prometheus.ReadOne("[{\"labels\":{\"a\":1},\"startsAt\":\"\"}]") with { Source = nameof(MendingLogTests) };
        var counted = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, meters) =>
            {
                if (instrument.Meter.Name == PipelineMeter.Name)
                {
                    meters.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (tags.ToArray().Contains(new("source", nameof(MendingLogTests))))
            {
                counted.Add($"{instrument.Name} {tags[0].Value} {value}");
            }
        });
        listener.Start();
        var mendings = new MendingLog(clock, log.For<MendingLog>());

        mendings.Add(7, alert);
        clock.Advance(TimeSpan.FromMinutes(9));
        mendings.Add(8, alert);
        clock.Advance(TimeSpan.FromMinutes(1));
        mendings.Add(9, alert);
        mendings.Add(10, alert with { Mendings = null });

        Assert.Equal(
            Enumerable.Repeat(new[] { "pipeline.alerts.mended ValueNotText 1", "pipeline.alerts.mended StartUnreadable 1" }, 3).SelectMany(kinds => kinds),
            counted);
        Assert.Equal(4, log.Entries.Count);
        Assert.All(log.Entries, entry => Assert.Equal((116, LogLevel.Warning), entry.Kind));
        Assert.EndsWith("Of this kind 1 more since the last such line.", log.Entries.Last().Text, StringComparison.Ordinal);
    }
}
