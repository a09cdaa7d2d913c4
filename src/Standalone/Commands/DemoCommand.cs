using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Hosting.Configuration;
using Pipeline.Incidents;
using Pipeline.Standalone.Hosting;
using Pipeline.Standalone.Sqlite;
using Spectre.Console;

namespace Pipeline.Standalone.Commands;

/// <summary><c>demo</c>: one SEV-1 from firing to resolve through the real program, with time sped up, and its timeline as it grows.</summary>
internal static class DemoCommand
{
    private const double DefaultSpeed = 120;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        var speed = new Option<double>("--speed")
        {
            Description = "How many times as fast as real time; 120 plays an hour in half a minute.",
            DefaultValueFactory = _ => DefaultSpeed,
        };
        speed.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 1 and <= 3600))
            {
                result.AddError("--speed is a number from 1 to 3600.");
            }
        });
        var command = new Command("demo", "Play a SEV-1 from firing to resolve, with time sped up. Keeps nothing and reaches nobody.") { speed };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(speed), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(double speed, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("pipeline-demo-");
        try
        {
            var database = SqliteDatabase.Open(Path.Combine(folder.FullName, StandaloneServices.DatabaseName));
            await using (database.ConfigureAwait(false))
            {
                var time = new ScaledTimeProvider(TimeProvider.System.GetUtcNow(), speed);
                var configuration = ConfigurationReader.ReadText(DemoStory.Configuration, "demo", _ => null).Configuration!;
                var app = StandaloneHost.Build(configuration, database, time, "http://127.0.0.1:0", TextWriter.Null, StandaloneMode.Demo);
                await using (app.ConfigureAwait(false))
                {
                    await app.StartAsync(cancellationToken).ConfigureAwait(false);
                    AnsiConsole.MarkupLineInterpolated(System.Globalization.CultureInfo.InvariantCulture, $"[bold]One SEV-1, {speed:0.#} times as fast as life.[/]");
                    await PlayAsync(app, time, cancellationToken).ConfigureAwait(false);
                    AnsiConsole.MarkupLine("[bold]Over. The postmortem's draft would be written a day after the resolve.[/]");
                    await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
                }
            }

            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task PlayAsync(WebApplication app, ScaledTimeProvider time, CancellationToken cancellationToken)
    {
        var store = app.Services.GetRequiredService<IncidentStore>();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var begin = time.GetUtcNow();
        var steps = new Queue<DemoStep>(DemoStory.Steps(begin));
        var shown = new List<string>();
        while (steps.Count > 0 || time.GetUtcNow() - begin < DemoStory.Length)
        {
            while (steps.TryPeek(out var step) && step.IsDue(time.GetUtcNow() - begin, shown))
            {
                steps.Dequeue();
                AnsiConsole.MarkupLineInterpolated($"[grey]{Clock(time.GetUtcNow() - begin)}[/]  [blue]{step.Says}[/]");
                using var answer = await step.SendAsync(client, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
                answer.EnsureSuccessStatusCode();
            }

            await ShowAsync(store, begin, shown, cancellationToken).ConfigureAwait(false);
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task ShowAsync(IncidentStore store, DateTimeOffset begin, List<string> shown, CancellationToken cancellationToken)
    {
        // Entries are numbered from 0, so the number shown is that of the next.
        foreach (var entry in await store.TimelineAsync(DemoStory.Incident, shown.Count, take: 100, cancellationToken).ConfigureAwait(false))
        {
            AnsiConsole.MarkupLineInterpolated($"[grey]{Clock(entry.At - begin)}[/]    {entry.Text}");
            shown.Add(entry.Text);
        }
    }

    private static string Clock(TimeSpan at) => at.ToString(@"hh\:mm\:ss", System.Globalization.CultureInfo.InvariantCulture);
}
