using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Communication;
using Pipeline.Escalation;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Postmortems;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests;

/// <summary>
/// An incident with its update cadence and its postmortem, in memory, with time that stands still until a test moves it.
/// Alice, Bob and Carol are known; Bob is paged first, Carol is the stakeholder.
/// </summary>
internal sealed class IncidentDesk : IDisposable
{
    private readonly InMemoryMessageQueue queue;
    private readonly SortedDictionary<long, Notification> sent = [];

    /// <param name="escalates">People are paged instead of kept up to date: the escalation listens, cadence, announcements and postmortem do not.</param>
    public IncidentDesk(PipelineConfiguration? configuration = null, bool escalates = false)
    {
        Configuration = configuration ?? DefaultConfiguration;
        Table = new InMemoryEntityTable();
        Store = new IncidentStore(Table, Clock, new PeopleNames(Configuration.People));
        queue = new InMemoryMessageQueue("notifications", Clock);
        Sender = new NotificationSender(queue);
        var recipients = new Recipients(Configuration);
        Cadence = new CadenceActivities(Store, Sender, recipients, Configuration, NullLogger<CadenceActivities>.Instance);
        Documents = new PostmortemStore(Table);
        Postmortem = new PostmortemActivities(Store, Documents, Sender, recipients, Configuration, NullLogger<PostmortemActivities>.Instance);
        var catalog = new OrchestrationCatalog();
        Cadence.Register(catalog);
        Postmortem.Register(catalog);
        new EscalationActivities(Store, Sender, Configuration.People, Configuration.Services, Configuration.Reports.BaseUrl).Register(catalog);
        Orchestrations = new InMemoryOrchestrations(catalog, Clock);
        var processes = new ProcessStarter(Orchestrations, Store);
        Signals = new IncidentSignals(
            Store,
            escalates ? [new EscalationSubscriber(Orchestrations, Store, new EscalationPolicies(Configuration.Escalation, Configuration.Services))] :
            [
                new IncidentAnnouncer(Sender, new ConcernedPeople(new DeliveryLog(Table), recipients, Configuration), Configuration),
                new CadenceSubscriber(Orchestrations, processes, Store, Sender, recipients, Configuration),
                new PostmortemSubscriber(Orchestrations, processes, Configuration.Postmortem),
            ],
            NullLogger<IncidentSignals>.Instance);
    }

    public static PipelineConfiguration DefaultConfiguration { get; } = PipelineConfiguration.BuiltIn with
    {
        People = new[] { ("alice", "Alice Chen"), ("bob", "Bob Ito"), ("carol", "Carol Weiss") }
            .ToDictionary(person => person.Item1, person => new Person(person.Item1, person.Item2, [new ContactMethod("hook", person.Item1)]), StringComparer.Ordinal),
        Escalation = new Dictionary<string, EscalationPolicyConfiguration>(StringComparer.Ordinal)
        {
            [PipelineConfiguration.DefaultPolicy] = new(
                PipelineConfiguration.DefaultPolicy, [new EscalationLevel("primary", ["bob"], TimeSpan.FromMinutes(5))]),
        },
        Cadence = new CadenceConfiguration { Stakeholders = ["carol"] },
    };

    public ManualTimeProvider Clock { get; } = new();

    public PipelineConfiguration Configuration { get; }

    public InMemoryEntityTable Table { get; }

    public IncidentStore Store { get; }

    public NotificationSender Sender { get; }

    public CadenceActivities Cadence { get; }

    public PostmortemStore Documents { get; }

    public PostmortemActivities Postmortem { get; }

    public InMemoryOrchestrations Orchestrations { get; }

    public IncidentSignals Signals { get; }

    /// <summary>Of the incident that was opened last.</summary>
    public string Id { get; private set; } = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task OpenAsync(Severity severity, string title = "Checkout fails")
    {
        await Store.CommitAsync(await PrepareAsync(severity, title), etag: null, Token);
        await TellAsync();
    }

    /// <summary>An opening that isn't written yet.</summary>
    public async Task<IncidentChange> PrepareAsync(Severity severity, string title = "Checkout fails")
    {
        var number = await Store.NextNumberAsync(Token);
        Id = Incident.IdOf(number);
        var now = Clock.GetUtcNow();
        var head = new Incident
        {
            Id = Id,
            Number = number,
            Title = title,
            Severity = severity,
            SeverityReason = "label severity=critical",
            Stage = IncidentStage.Detected,
            Service = "checkout",
            Environment = "production",
            CorrelationKey = Id,
            StartedAt = now - TimeSpan.FromMinutes(1),
            DetectedAt = now,
            RoundStartedAt = now,
        };
        var change = new IncidentChange(head, now);
        change.Log(TimelineKind.Opened, $"{severity.Text()} opened: {title}.");
        change.Signal(IncidentSignalKind.Opened);
        return change;
    }

    public Task AcknowledgeAsync(string by) => ChangeAsync(change => IncidentTransitions.Acknowledge(change, by));

    public Task PostUpdateAsync(string text = "Still investigating.", IncidentStage? stage = null) =>
        ChangeAsync(change => IncidentTransitions.PostUpdate(change, text, "alice", stage));

    public Task SetSeverityAsync(Severity severity) => ChangeAsync(change => IncidentTransitions.SetSeverity(change, severity, "looked closer", "alice"));

    public Task ResolveAsync() => ChangeAsync(change => IncidentTransitions.Resolve(change, "alice", "rolled back", force: false));

    public Task CloseAsync() => ChangeAsync(change => IncidentTransitions.SetStage(change, IncidentStage.Closed, "alice"));

    public Task ReopenAsync(DateTimeOffset? holdPageUntil = null) => ChangeAsync(change =>
    {
        IncidentTransitions.Reopen(change, "it fired again.", holdPageUntil);
        return CommandRefusal.None;
    });

    /// <summary>Changes the incident, tells the subscribers, and lets the orchestrations work.</summary>
    public async Task ChangeAsync(Func<IncidentChange, CommandRefusal> decide)
    {
        var edit = await Store.EditAsync(Id, decide, Token);
        if (edit is not { Result: CommandRefusal.None })
        {
            throw new InvalidOperationException($"The command was refused: {edit?.Result}.");
        }

        await TellAsync();
    }

    public async Task TellAsync()
    {
        await Signals.DispatchAsync((await Store.GetAsync(Id, Token))!, Token);
        await Orchestrations.DrainAsync(Token);
    }

    /// <summary>Moves the time while the program runs: every timer fires at its own time.</summary>
    public async Task RunForAsync(TimeSpan span)
    {
        var until = Clock.GetUtcNow() + span;
        while (Orchestrations.NextDue is { } due && due <= until)
        {
            Clock.AdvanceTo(due);
            await Orchestrations.DrainAsync(Token);
        }

        Clock.AdvanceTo(until);
        await Orchestrations.DrainAsync(Token);
    }

    /// <summary>Moves the time while the program is down: what was due fires when it is back.</summary>
    public Task SleepAsync(TimeSpan span)
    {
        Clock.Advance(span);
        return Orchestrations.DrainAsync(Token);
    }

    /// <summary>All notifications sent so far, in order.</summary>
    public async Task<IReadOnlyList<Notification>> SentAsync()
    {
        while (await queue.TryReceiveAsync(100, Token) is { } lease)
        {
            await using (lease)
            {
                foreach (var message in lease.Messages)
                {
                    sent.Add(message.Sequence, PipelineJson.FromUtf8<Notification>(message.Body.Span));
                }

                await lease.SettleAsync([.. lease.Messages.Select(message => new Settlement.Complete(message.Sequence))], Token);
            }
        }

        return [.. sent.Values];
    }

    public async Task<IReadOnlyList<Notification>> SentAsync(NotificationPurpose purpose) =>
        [.. (await SentAsync()).Where(notification => notification.Purpose == purpose)];

    public Task<IReadOnlyList<TimelineEntry>> TimelineAsync() => Store.TimelineAsync(Id, 0, 1000, Token);

    /// <summary><c>09:25 Update #1 is due …</c> for each entry of the kinds.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync(params TimelineKind[] kinds) =>
        [.. (await TimelineAsync()).Where(entry => kinds.Contains(entry.Kind)).Select(entry => $"{entry.At:HH:mm} {entry.Text}")];

    public async Task<OrchestrationInstance> InstanceAsync(string kind, int round = 1) =>
        await Orchestrations.GetAsync(Incident.InstanceId(kind, Id, round), Token) ?? throw new InvalidOperationException($"No {kind} of round {round}.");

    public async Task<T> StatusAsync<T>(string kind, int round = 1)
    {
        var status = (await InstanceAsync(kind, round)).CustomStatus ?? throw new InvalidOperationException($"{kind} has no status.");
        return System.Text.Json.JsonSerializer.Deserialize<T>(status, PipelineJson.Options)!;
    }

    public void Dispose() => queue.Dispose();
}
