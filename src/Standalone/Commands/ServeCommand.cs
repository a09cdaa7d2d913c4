using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;
using Pipeline.Standalone.Hosting;
using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Commands;

/// <summary><c>serve</c>: the program itself, until Ctrl-C or SIGTERM.</summary>
internal static class ServeCommand
{
    private const int CannotStart = 1;

    public static Command Create()
    {
        var command = new Command("serve", "Take alerts and handle incidents, until Ctrl-C or SIGTERM.");
        AddTo(command);
        return command;
    }

    public static void AddTo(Command command)
    {
        ServeOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(ServeOptions.From(parsed), cancellationToken));
    }

    private static async Task<int> RunAsync(ServeOptions options, CancellationToken cancellationToken)
    {
        if (ReadConfiguration(options.Config) is not var (configuration, origin))
        {
            return CannotStart;
        }

        var hasStarted = false;
        try
        {
            NativeMemoryLimits.Apply();
            Directory.CreateDirectory(options.Data);
            var database = SqliteDatabase.Open(Path.Combine(options.Data, StandaloneServices.DatabaseName));
            await using (database.ConfigureAwait(false))
            {
                if (database.UncheckedTables.Count > 0)
                {
                    await Console.Error.WriteLineAsync(
                        $"{database.Path} shows no damage so far; there was no time to look through {string.Join(", ", database.UncheckedTables)}. 'sqlite3 {database.Path} \"PRAGMA quick_check\"' looks through all of it.").ConfigureAwait(false);
                }

                var app = StandaloneHost.Build(configuration, database, TimeProvider.System, options.Urls, StandardOutput.Open());
                await using (app.ConfigureAwait(false))
                {
                    await app.StartAsync(cancellationToken).ConfigureAwait(false);
                    hasStarted = true;
                    Welcome.Write(Console.Out, app.Urls, options.Data, origin, configuration, Environment.MachineName);
                    await app.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            return 0;
        }
        catch (Exception exception) when (!hasStarted && StartFault.Explain(exception, options) is not null)
        {
            await Console.Error.WriteLineAsync($"Can't start: {StartFault.Explain(exception, options)}").ConfigureAwait(false);
            return CannotStart;
        }
    }

    private static (PipelineConfiguration Configuration, string Origin)? ReadConfiguration(string? named)
    {
        // Only a file that nobody asked for may be missing.
        var path = named ?? ServeOptions.DefaultConfig;
        if (named is null && !File.Exists(path))
        {
            return (ConfigurationReader.ReadText("", "defaults", Environment.GetEnvironmentVariable).Configuration!, "built-in defaults");
        }

        var result = ConfigurationReader.ReadFile(path, Environment.GetEnvironmentVariable);
        if (result.Configuration is { } configuration)
        {
            foreach (var warning in result.Warnings)
            {
                Console.Error.WriteLine(warning);
            }

            return (configuration, path);
        }

        if (result.Problems is [var only])
        {
            Console.Error.WriteLine($"Can't start: {only}");
            return null;
        }

        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Can't start: {path} has {result.Problems.Count} problems."));
        foreach (var problem in result.Problems)
        {
            Console.Error.WriteLine(problem);
        }

        return null;
    }
}
