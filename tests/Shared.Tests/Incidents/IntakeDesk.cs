using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>The intake over a table in memory. It is Monday, 2026-01-05 09:00 UTC, until a test moves the clock.</summary>
internal sealed class IntakeDesk
{
    private long lastSequence;

    /// <param name="table">What intake and store see instead of <see cref="Table"/>; it is given that one.</param>
    public IntakeDesk(Func<IEntityTable, IEntityTable>? table = null)
    {
        Store = new IncidentStore(table?.Invoke(Table) ?? Table, Clock);
        Signals = new IncidentSignals(Store, [Subscriber], NullLogger<IncidentSignals>.Instance);
        Commands = new IncidentCommands(Store, Signals);
        Intake = CreateIntake(new CorrelationConfiguration());
    }

    public ManualTimeProvider Clock { get; } = new();

    public InMemoryEntityTable Table { get; } = new();

    public IncidentStore Store { get; }

    public IncidentSignals Signals { get; }

    public IncidentCommands Commands { get; }

    public AlertIntake Intake { get; private set; }

    public RecordingSubscriber Subscriber { get; } = new();

    /// <summary>What was received and isn't applied yet, as the sweep for stale alerts sees it.</summary>
    public WaitingAlerts Waiting { get; } = new();

    public IntakeLag Lag => new(Waiting, Waiting, Clock);

    /// <summary>The kinds of all signals told so far.</summary>
    public IEnumerable<IncidentSignalKind> Told => Subscriber.Told.Select(signal => signal.Kind);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Alert Firing(string name, string severity = "critical", string service = "checkout", DateTimeOffset? startsAt = null, string evidence = "") =>
        SampleAlert.Firing(SampleAlert.Pairs($"alertname={name};severity={severity};service={service}"), SampleAlert.Pairs(evidence), startsAt);

    public Alert Resolved(string name, string severity = "critical", string service = "checkout") =>
        Firing(name, severity, service) with { Status = AlertStatus.Resolved, EndsAt = Clock.GetUtcNow() };

    public ReceivedMessage Message(Alert alert) => Message(AlertJson.Write(alert));

    public ReceivedMessage Message(byte[] body)
    {
        var sequence = Interlocked.Increment(ref lastSequence);
        return new ReceivedMessage(sequence, "session", $"message-{sequence}", body, 1, Clock.GetUtcNow());
    }

    /// <summary>A batch as the queue hands it over; every message of it must be settled as done.</summary>
    public async Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(params IEnumerable<Alert> alerts)
    {
        ReceivedMessage[] messages = [.. alerts.Select(Message)];
        await HandleAsync(messages);
        return messages;
    }

    public async Task HandleAsync(IReadOnlyList<ReceivedMessage> messages)
    {
        var settlements = await Intake.HandleAsync("session", messages, Token);
        Assert.Equal(messages.Select(message => new Settlement.Complete(message.Sequence)), settlements.Cast<Settlement.Complete>());
    }

    /// <summary>The program comes back with another configuration.</summary>
    public void Reconfigure(CorrelationConfiguration configuration) => Intake = CreateIntake(configuration);

    public async Task<IReadOnlyList<Incident>> IncidentsAsync() => [.. (await Store.ListAsync(openOnly: false, 100, null, Token)).Items.Reverse()];

    /// <summary>The one incident that there is.</summary>
    public async Task<Incident> TheIncidentAsync() => Assert.Single(await IncidentsAsync());

    public async Task<IReadOnlyList<string>> TimelineAsync(string id) =>
        [.. (await Store.TimelineAsync(id, 0, 1000, Token)).Select(entry => entry.Text)];

    public async Task<IncidentAlert> AlertAsync(string incidentId, Alert alert) =>
        await Store.GetAlertAsync(incidentId, alert.Fingerprint, Token) ?? throw new InvalidOperationException($"{incidentId} has no such alert.");

    /// <summary>As if somebody had been paged for it now.</summary>
    public async Task PagedAsync(string id) => await Store.RememberPageAsync((await Store.GetAsync(id, Token))!, Clock.GetUtcNow(), Token);

    public AlertIntake CreateIntake(CorrelationConfiguration configuration, ILogger<AlertIntake>? logger = null) =>
        new(Store, Signals, new SenderMemory(Table), new Classification(new SeverityConfiguration()), configuration, logger ?? NullLogger<AlertIntake>.Instance);

    internal sealed class RecordingSubscriber : IIncidentSubscriber
    {
        private readonly List<IncidentSignal> told = [];

        public IReadOnlyList<IncidentSignal> Told => told;

        /// <summary>How many of the next signals it fails to hear.</summary>
        public int FailNext { get; set; }

        public Task HandleAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken)
        {
            lock (told)
            {
                if (FailNext-- > 0)
                {
                    throw new StoreUnavailableException("the test said so");
                }

                told.Add(signal);
            }

            return Task.CompletedTask;
        }
    }
}
