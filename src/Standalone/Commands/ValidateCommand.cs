using System.CommandLine;
using System.Globalization;
using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;

namespace Pipeline.Standalone.Commands;

/// <summary><c>validate</c>: says whether the program would start with a configuration, and if not, all that has to be mended.</summary>
internal static class ValidateCommand
{
    public static Command Create() => Create(Environment.GetEnvironmentVariable);

    /// <param name="environment">Name of a variable to its value, for the secrets that the configuration refers to.</param>
    public static Command Create(Func<string, string?> environment)
    {
        var config = new Option<string>("--config")
        {
            Description = "The configuration to check.",
            HelpName = "file",
            DefaultValueFactory = _ => "pipeline.yaml",
        };
        var command = new Command("validate", "Check a configuration. Exit code 0: it can be used, perhaps with warnings; 1: it has problems. Each is a line of its own.")
        {
            config,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(config), environment, parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(string path, Func<string, string?> environment, TextWriter output)
    {
        var result = ConfigurationReader.ReadFile(path, environment);
        foreach (var line in result.Problems.Concat(result.Warnings))
        {
            output.WriteLine(line);
        }

        var warnings = result.Warnings.Count == 0 ? "" : $", {Count(result.Warnings.Count, "warning", "warnings")}";
        if (result.Configuration is { } configuration)
        {
            output.WriteLine($"{path} is valid{warnings}: {Summary(configuration)}");
            return 0;
        }

        output.WriteLine($"{Count(result.Problems.Count, "problem", "problems")}{warnings}");
        return 1;
    }

    private static string Summary(PipelineConfiguration configuration) => string.Join(
        ", ",
        Count(configuration.People.Count, "person", "people"),
        Count(configuration.Escalation.Count, "policy", "policies"),
        Count(configuration.Channels.Count, "channel", "channels"),
        Count(configuration.Services.Count, "service", "services"),
        Count(configuration.Access.Tokens.Count, "token", "tokens"));

    private static string Count(int count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
}
