using System.CommandLine;
using Pipeline.Bench.Load;

#if DEBUG
Console.Error.WriteLine("Built for debugging; the figures would say nothing. Run it with: dotnet run -c Release --project bench/Load");
return 2;
#else
// One thread polls the sockets and handles what arrives on the spot: the client shares the machine with what it measures, so it must be cheap.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");
return await LoadCommand.Create(RunAsync).Parse(args).InvokeAsync();

static async Task RunAsync(LoadOptions options, CancellationToken cancellationToken)
{
    var report = new Report(Console.Out);
    report.Machine();
    if (options.Measure.Contains(Measurement.Accept) || options.Measure.Contains(Measurement.Latency))
    {
        await new AcceptMeasurement(options, report).RunAsync(cancellationToken);
    }

    if (options.Measure.Contains(Measurement.Apply))
    {
        await new ApplyMeasurement(options, report).RunAsync(cancellationToken);
    }

    if (options.Measure.Contains(Measurement.Page))
    {
        await new PageMeasurement(options, report).RunAsync(cancellationToken);
    }

    if (options.Measure.Contains(Measurement.Memory))
    {
        await new MemoryMeasurement(options, report).RunAsync(cancellationToken);
    }
}
#endif
