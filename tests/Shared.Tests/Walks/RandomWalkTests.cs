using System.Globalization;
using Pipeline.Incidents;
using Xunit;

namespace Pipeline.Shared.Tests.Walks;

/// <summary>
/// Random lives of a service: two alerts come and go, people acknowledge, write, judge, resolve and close, and time passes. After each step
/// the <see cref="Invariants"/> hold. A failure names its seed; <see cref="LiveAsync"/> with it walks the same way again.
/// </summary>
public sealed class RandomWalkTests
{
    private const int StepsOfALife = 60;

    private static readonly IncidentCommand Alice = new("alice");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Random_lives_keep_the_invariants() => WalkAsync(seeds: 25, flakiness: 0, earlierLife: false);

    [Fact]
    public Task Random_lives_on_a_store_whose_writes_fail_keep_the_invariants() => WalkAsync(seeds: 25, flakiness: 8, earlierLife: false);

    [Fact]
    public Task Random_lives_beside_the_processes_of_an_earlier_one_keep_the_invariants() => WalkAsync(seeds: 12, flakiness: 4, earlierLife: true);

    private static async Task WalkAsync(int seeds, int flakiness, bool earlierLife)
    {
        for (var seed = 1; seed <= seeds; seed++)
        {
            if (await LiveAsync(seed, flakiness, earlierLife) is { } broken)
            {
                Assert.Fail($"Seed {seed}: {broken}");
            }
        }
    }

    /// <summary>The first invariant that broke, and the steps that led to it; null where all held.</summary>
    private static async Task<string?> LiveAsync(int seed, int flakiness, bool earlierLife)
    {
        var random = new Random(seed);
        using var world = new IncidentWorld(seed * 31, flakiness);
        if (earlierLife)
        {
            await world.UseIdsAsync(random);
        }

        var steps = new List<string>();
        for (var step = 0; step < StepsOfALife; step++)
        {
            var (name, act) = Next(world, random, await LatestAsync(world));
            steps.Add(string.Create(CultureInfo.InvariantCulture, $"{world.Clock.GetUtcNow():dd HH:mm} {name}"));
            await act();

            // Half a minute later the minute's sweep, which may fail too; then a calm moment, in which all comes to rest.
            await IncidentWorld.InsistAsync(() => world.Signals.SweepAsync(Token));
            await world.RunForAsync(TimeSpan.FromSeconds(30));
            world.Table.IsCalm = true;
            await world.Signals.SweepAsync(Token);
            await world.SettleAsync();
            if (await Invariants.BrokenInAsync(world) is [var broken, ..])
            {
                return $"{broken}\n{string.Join('\n', steps.TakeLast(12))}";
            }

            world.Table.IsCalm = false;
        }

        return null;
    }

    private static (string Name, Func<Task> Act) Next(IncidentWorld world, Random random, string id)
    {
        var severity = (Severity)random.Next(1, 5);
        var stage = (IncidentStage)random.Next(1, 6);
        var force = random.Next(2) == 0;
        var minutes = random.Next(1, random.Next(2) == 0 ? 10 : 600);
        return random.Next(12) switch
        {
            0 => ("A, critical, fires", () => world.FireAsync("A", "critical")),
            1 => ("B, a warning, fires", () => world.FireAsync("B", "warning")),
            2 => ("A recovers", () => world.RecoverAsync("A", "critical")),
            3 => ("B recovers", () => world.RecoverAsync("B", "warning")),
            4 => ("acknowledge", Command(() => world.Commands.AcknowledgeAsync(id, Alice, Token))),
            5 => ("update", Command(() => world.Commands.PostUpdateAsync(id, "Looking.", Alice, null, Token))),
            6 => ($"judge {severity.Text()}", Command(() => world.Commands.SetSeverityAsync(id, severity, "looked closer", Alice, Token))),
            7 => ($"stage {stage}", Command(() => world.Commands.SetStageAsync(id, stage, Alice, Token))),
            8 => (force ? "resolve all the same" : "resolve", Command(() => world.Commands.ResolveAsync(id, Alice, null, force, Token))),
            _ => ($"{minutes} min pass", () => world.RunForAsync(TimeSpan.FromMinutes(minutes))),
        };
    }

    private static Func<Task> Command(Func<Task<CommandResult>> command) => () => IncidentWorld.InsistAsync(command);

    private static async Task<string> LatestAsync(IncidentWorld world) =>
        (await world.Store.ListAsync(openOnly: false, 1, null, Token)).Items is [var latest, ..] ? latest.Id : "INC-1";
}
