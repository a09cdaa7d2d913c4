using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Walks;

/// <summary>
/// Two hosts on one table, eight workers at once: alerts of one service fire and recover, people command, both hosts sweep. A queue session
/// has one receiver at a time, but a key can be reached by several sessions after a change of configuration.
/// </summary>
public sealed class RacingHostsTests
{
    private const int Seeds = 30;
    private const int Workers = 8;
    private const int StepsOfAWorker = 10;

    private static readonly TimelineKind[] ToldKinds =
        [TimelineKind.Opened, TimelineKind.UpdatePosted, TimelineKind.Resolved, TimelineKind.Reopened, TimelineKind.Acknowledged];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_two_hosts_do_at_once_is_one_story()
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var race = new Race(seed);
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => race.WorkAsync(worker), Token)));
            var broken = await race.BrokenAsync();
            Assert.True(broken.Count == 0, $"Seed {seed}: {string.Join("; ", broken)}");
        }
    }

    private sealed class Race
    {
        private readonly int seed;
        private readonly ManualTimeProvider clock = new();
        private readonly Ear ear = new();
        private readonly Host[] hosts;
        private long lastMessage;

        public Race(int seed)
        {
            this.seed = seed;
            var table = new InMemoryEntityTable();
            hosts = [.. Enumerable.Range(0, 2).Select(number => Start(new YieldingTable(table, new Random((seed * 17) + number))))];
        }

        public async Task WorkAsync(int worker)
        {
            var random = new Random((seed * 100) + worker);
            var host = hosts[worker % hosts.Length];
            var person = new IncidentCommand($"worker {worker}");
            for (var step = 0; step < StepsOfAWorker; step++)
            {
                switch (random.Next(7))
                {
                    case < 3:
                        await ReceiveAsync(host, $"A{random.Next(6)}", fires: random.Next(2) == 0);
                        break;
                    case 3:
                        await host.Commands.AcknowledgeAsync("INC-1", person, Token);
                        break;
                    case 4:
                        await host.Commands.PostUpdateAsync("INC-1", "Looking.", person, null, Token);
                        break;
                    case 5:
                        await host.Commands.ResolveAsync("INC-1", person, null, force: true, Token);
                        break;
                    default:
                        await host.Signals.SweepAsync(Token);
                        break;
                }
            }
        }

        /// <summary>What doesn't fit together once all have finished and one more sweep is over.</summary>
        public async Task<IReadOnlyList<string>> BrokenAsync()
        {
            var (store, signals) = (hosts[0].Store, hosts[0].Signals);
            await signals.SweepAsync(Token);
            var broken = new List<string>();
            var incidents = (await store.ListAsync(openOnly: false, 100, null, Token)).Items;
            var indexed = (await store.ListAsync(openOnly: true, 100, null, Token)).Items.Select(incident => incident.Id).ToList();
            if (incidents.Count(incident => incident.IsOpen) > 1)
            {
                broken.Add("two incidents of one key are open");
            }

            foreach (var incident in incidents)
            {
                var timeline = await store.TimelineAsync(incident.Id, 0, 1000, Token);
                var alerts = await store.AlertsAsync(incident.Id, 1000, Token);
                var expected = timeline.Where(entry => ToldKinds.Contains(entry.Kind)).Select(entry => $"{incident.Id}:{entry.Number}");
                var untold = expected.Except(ear.Told, StringComparer.Ordinal).ToList();
                var facts = new (bool Holds, string Words)[]
                {
                    (timeline.Select(entry => entry.Number).SequenceEqual(Enumerable.Range(0, incident.NextEntry)), "its timeline has gaps"),
                    (alerts.Count(alert => alert.Status != IncidentAlertStatus.Resolved) == incident.FiringAlerts, "it counts other alerts firing than fire"),
                    (alerts.Count == incident.TotalAlerts, "it counts other alerts than it has"),
                    (timeline.Count(entry => entry.Kind == TimelineKind.UpdatePosted) == incident.UpdateCount, "it counts other updates than it has"),
                    (!incident.IsOpen || indexed.Contains(incident.Id), "it is open and not in the index"),
                    (incident.Signals.Count == 0, "something is left to tell"),
                    (untold.Count == 0, $"never told: {string.Join(", ", untold)}"),
                };
                broken.AddRange(facts.Where(fact => !fact.Holds).Select(fact => $"{incident.Id}: {fact.Words}"));
            }

            return broken;
        }

        private Host Start(IEntityTable table)
        {
            var store = new IncidentStore(table, clock);
            var signals = new IncidentSignals(store, [ear], NullLogger<IncidentSignals>.Instance);
            var intake = new AlertIntake(
                store,
                signals,
                new SenderMemory(table),
                new Classification(new SeverityConfiguration()),
                new CorrelationConfiguration(),
                NullLogger<AlertIntake>.Instance);
            return new Host(store, signals, intake, new IncidentCommands(store, signals));
        }

        private async Task ReceiveAsync(Host host, string name, bool fires)
        {
            var now = clock.GetUtcNow();
            var firing = SampleAlert.Firing(SampleAlert.Pairs($"alertname={name};severity=critical;service=checkout"), startsAt: now.AddMinutes(-1), receivedAt: now);
            var alert = fires ? firing : firing with { Status = AlertStatus.Resolved, EndsAt = now };
            var number = Interlocked.Increment(ref lastMessage);
            await host.Intake.HandleAsync("s", [new ReceivedMessage(number, "s", $"{number}", AlertJson.Write(alert), 1, now)], Token);
        }
    }

    private sealed record Host(IncidentStore Store, IncidentSignals Signals, AlertIntake Intake, IncidentCommands Commands);

    private sealed class Ear : IIncidentSubscriber
    {
        private readonly HashSet<string> told = new(StringComparer.Ordinal);

        public IReadOnlyCollection<string> Told => told;

        public Task HandleAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken)
        {
            lock (told)
            {
                told.Add(signal.Id);
            }

            return Task.CompletedTask;
        }
    }

    /// <summary>Lets the others run before each step, sometimes for longer.</summary>
    private sealed class YieldingTable(IEntityTable inner, Random random) : IEntityTable
    {
        public async Task<Entity?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default)
        {
            await YieldAsync();
            return await inner.GetAsync(partitionKey, rowKey, cancellationToken);
        }

        public async Task<IReadOnlyList<Entity>> QueryAsync(string partitionKey, RowKeyRange range, CancellationToken cancellationToken = default)
        {
            await YieldAsync();
            return await inner.QueryAsync(partitionKey, range, cancellationToken);
        }

        public async Task<CommitOutcome> CommitAsync(
            string partitionKey, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken = default)
        {
            await YieldAsync();
            return await inner.CommitAsync(partitionKey, writes, cancellationToken);
        }

        private async Task YieldAsync()
        {
            int times;
            lock (random)
            {
                times = random.Next(4);
            }

            for (var i = 0; i < times; i++)
            {
                await Task.Yield();
            }
        }
    }
}
