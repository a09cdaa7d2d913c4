using System.CommandLine;
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

        try
        {
            Directory.CreateDirectory(options.Data);
            var database = SqliteDatabase.Open(Path.Combine(options.Data, StandaloneServices.DatabaseName));
            await using (database.ConfigureAwait(false))
            {
                var app = StandaloneHost.Build(configuration, database, TimeProvider.System, options.Urls, Console.Out);
                await using (app.ConfigureAwait(false))
                {
                    await app.StartAsync(cancellationToken).ConfigureAwait(false);
                    Welcome.Write(Console.Out, app.Urls, options.Data, origin, configuration);
                    await app.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            return 0;
        }
        catch (Exception exception) when (IsTheUsersToMend(exception))
        {
            await Console.Error.WriteLineAsync($"Can't start: {exception.Message}").ConfigureAwait(false);
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
            return (configuration, path);
        }

        foreach (var problem in result.Problems)
        {
            Console.Error.WriteLine(problem);
        }

        Console.Error.WriteLine($"Can't start: {path} has problems.");
        return null;
    }

    private static bool IsTheUsersToMend(Exception exception) =>
        exception is SchemaTooNewException or IOException or UnauthorizedAccessException or InvalidOperationException or FormatException
            or Microsoft.Data.Sqlite.SqliteException;
}
