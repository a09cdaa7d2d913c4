namespace Pipeline.Bench.Load;

/// <summary>Both targets in turn, as often as there are rounds, so that a machine that slows down slows both.</summary>
internal sealed class AcceptMeasurement(LoadOptions options, Report report)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var alertsPerPost in options.AlertsPerPost)
        {
            if (options.Measure.Contains(Measurement.Accept) || options.Rate is null)
            {
                await MostAsync(alertsPerPost, cancellationToken);
            }

            if (options.Measure.Contains(Measurement.Latency))
            {
                await AtFixedRateAsync(alertsPerPost, cancellationToken);
            }
        }
    }

    private async Task MostAsync(int alertsPerPost, CancellationToken cancellationToken)
    {
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var target in options.Targets)
            {
                await using var running = await RunningTarget.StartAsync(target, cancellationToken);
                using var loop = new ClosedLoop(
                    running.EndPoint, running.Request(alertsPerPost, options.Services, "warning"), options.Connections, options.Distinct);
                report.Add(target, alertsPerPost, round, await loop.RunAsync(options.WarmUp, options.Time, cancellationToken));
            }
        }

        report.Ratio(alertsPerPost);
    }

    private async Task AtFixedRateAsync(int alertsPerPost, CancellationToken cancellationToken)
    {
        foreach (var target in options.Targets)
        {
            var rate = options.Rate ?? report.MeanPostsPerSecond(target, alertsPerPost) / 2;
            await using var running = await RunningTarget.StartAsync(target, cancellationToken);
            using var loop = new OpenLoop(
                running.EndPoint, running.Request(alertsPerPost, options.Services, "warning"), options.Connections, options.Distinct, rate);
            report.AddFixedRate(target, alertsPerPost, rate, await loop.RunAsync(options.WarmUp, options.Time, cancellationToken));
        }
    }
}
