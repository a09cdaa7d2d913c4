using System.CommandLine;

namespace Pipeline.Bench.Load;

/// <summary>The command line.</summary>
internal static class LoadCommand
{
    public static RootCommand Create(Func<LoadOptions, CancellationToken, Task> run)
    {
        var measure = new Option<Measurement[]>("--measure")
        {
            Description = "What to measure; several may be named.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [Measurement.Accept, Measurement.Latency, Measurement.Apply, Measurement.Page],
        };
        var target = new Option<Target[]>("--target")
        {
            Description = "Whom to measure; both, in turn, by default.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [Target.Pipeline, Target.Alertmanager],
        };
        var alertsPerPost = new Option<int[]>("--alerts-per-post") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 10] };
        var connections = Number("--connections", 64, "Senders at once, each waiting for its answer.");
        var seconds = Number("--seconds", 10, "Measured time of a turn.");
        var warmUp = Number("--warm-up", 6, "Seconds of load before the measured time.");
        var rounds = Number("--rounds", 3, "Turns of each target.");
        var rate = new Option<double?>("--rate") { Description = "Posts a second for the latency; half of what was measured by default." };
        var distinct = Number("--distinct", 10_000, "Alerts told apart; then the same come again.");
        var services = Number("--services", 100, "Services that the alerts are spread over.");
        var background = Number("--background", 1_000, "Alerts a second beside the paged ones.");

        var command = new RootCommand("Posts the same alerts to this program and to Alertmanager in turn, on this machine, and prints what each took.")
        {
            measure, target, alertsPerPost, connections, seconds, warmUp, rounds, rate, distinct, services, background,
        };
        command.SetAction((parsed, cancellationToken) => run(
            new LoadOptions
            {
                Measure = parsed.GetRequiredValue(measure),
                Targets = parsed.GetRequiredValue(target),
                AlertsPerPost = parsed.GetRequiredValue(alertsPerPost),
                Connections = parsed.GetRequiredValue(connections),
                Time = TimeSpan.FromSeconds(parsed.GetRequiredValue(seconds)),
                WarmUp = TimeSpan.FromSeconds(parsed.GetRequiredValue(warmUp)),
                Rounds = parsed.GetRequiredValue(rounds),
                Rate = parsed.GetValue(rate),
                Distinct = parsed.GetRequiredValue(distinct),
                Services = parsed.GetRequiredValue(services),
                Background = parsed.GetRequiredValue(background),
            },
            cancellationToken));
        return command;
    }

    private static Option<int> Number(string name, int normally, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => normally };
}
