using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Alerts;
using Pipeline.Communication;
using Pipeline.Escalation;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Postmortems;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Walks;

/// <summary>
/// The product in memory, from the alert to the receipt of its page, on a table that may fail. Nothing happens but in the methods of this
/// class. Bob is paged first, Alice after five minutes; SEV-1 and SEV-2 page.
/// </summary>
internal sealed class IncidentWorld : IDisposable
{
    private readonly InMemoryMessageQueue notifications;
    private readonly PageReceipts receipts;
    private readonly AlertIntake intake;
    private readonly InMemoryOrchestrations orchestrations;
    private readonly Dictionary<Alert, DateTimeOffset> firing = [];
    private long lastMessage;

    /// <param name="flakiness">Chance in percent that a write fails, before it and after it.</param>
    public IncidentWorld(int seed, int flakiness = 0)
    {
        Table = new FlakyTable(new InMemoryEntityTable(), new Random(seed), flakiness);
        Store = new IncidentStore(Table, Clock);
        notifications = new InMemoryMessageQueue("notifications", Clock);
        receipts = new PageReceipts(Store);
        var sender = new NotificationSender(notifications);
        var recipients = new Recipients(Configuration);
        var catalog = new OrchestrationCatalog();
        new CadenceActivities(Store, sender, recipients, Configuration, NullLogger<CadenceActivities>.Instance).Register(catalog);
        new PostmortemActivities(
            Store, new PostmortemStore(Table), sender, recipients, Configuration, NullLogger<PostmortemActivities>.Instance).Register(catalog);
        new EscalationActivities(Store, sender, Configuration.People, Configuration.Services, Configuration.Reports.BaseUrl).Register(catalog);
        orchestrations = new InMemoryOrchestrations(catalog, Clock);
        Policies = new EscalationPolicies(Configuration.Escalation, Configuration.Services);
        var processes = new ProcessStarter(orchestrations, Store);
        Signals = new IncidentSignals(
            Store,
            [
                new EscalationSubscriber(orchestrations, Store, Policies),
                new CadenceSubscriber(orchestrations, processes, Store, sender, recipients, Configuration),
                new IncidentAnnouncer(sender, new ConcernedPeople(new DeliveryLog(Table), recipients, Configuration), Configuration),
                new PostmortemSubscriber(orchestrations, processes, Configuration.Postmortem),
            ],
            NullLogger<IncidentSignals>.Instance);
        Commands = new IncidentCommands(Store, Signals);
        intake = new AlertIntake(
            Store,
            Signals,
            new SenderMemory(Table),
            new Classification(new SeverityConfiguration()),
            new CorrelationConfiguration(),
            NullLogger<AlertIntake>.Instance);
    }

    public ManualTimeProvider Clock { get; } = new();

    public FlakyTable Table { get; }

    public IncidentStore Store { get; }

    public IncidentSignals Signals { get; }

    public IncidentCommands Commands { get; }

    public EscalationPolicies Policies { get; }

    public IOrchestrationClient Orchestrations => orchestrations;

    /// <summary>The alerts that fire, as their senders know it.</summary>
    public IReadOnlyCollection<Alert> Firing => firing.Keys;

    private static PipelineConfiguration Configuration { get; } = IncidentDesk.DefaultConfiguration with
    {
        Escalation = new Dictionary<string, EscalationPolicyConfiguration>(StringComparer.Ordinal)
        {
            ["default"] = new(
                "default",
                [new EscalationLevel("primary", ["bob"], TimeSpan.FromMinutes(5)), new EscalationLevel("secondary", ["alice"], TimeSpan.FromMinutes(10))])
            {
                Pages = [Severity.Sev1, Severity.Sev2],
            },
        },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => notifications.Dispose();

    /// <summary>The processes of an earlier life have the ids of the first incidents: a table made anew beside a task hub that was kept.</summary>
    public async Task UseIdsAsync(Random random)
    {
        foreach (var number in Enumerable.Range(1, 3).Where(_ => random.Next(2) == 0))
        {
            var ladder = new EscalationLadder("default", [], 0, new Dictionary<Severity, TimeSpan>(), []);
            var input = new EscalationInput(Incident.IdOf(number), 1, Severity.Sev1, ladder, Clock.GetUtcNow().AddDays(random.Next(3)));
            await orchestrations.StartAsync(EscalationOrchestration.Name, $"escalation-INC-{number}", input, Token);
        }

        await RunForAsync(TimeSpan.FromDays(1));
    }

    public Task FireAsync(string name, string severity) => ReceiveAsync(name, severity, AlertStatus.Firing);

    public Task RecoverAsync(string name, string severity) => ReceiveAsync(name, severity, AlertStatus.Resolved);

    /// <summary>Lets time pass, and all that is due on the way happen and be delivered at its time.</summary>
    public async Task RunForAsync(TimeSpan span)
    {
        var until = Clock.GetUtcNow() + span;
        await SettleAsync();
        while (orchestrations.NextDue is { } due && due <= until)
        {
            Clock.AdvanceTo(due);
            await SettleAsync();
        }

        Clock.AdvanceTo(until);
        await SettleAsync();
    }

    /// <summary>What can happen now happens.</summary>
    public async Task SettleAsync()
    {
        do
        {
            await orchestrations.DrainAsync(Token);
        }
        while (await DeliverAsync());
    }

    /// <summary>Tries until the store lets it, as a queue or a person does.</summary>
    public static async Task InsistAsync(Func<Task> act)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await act();
                return;
            }
            catch (StoreUnavailableException) when (attempt < 500)
            {
                // Once more.
            }
        }
    }

    private async Task ReceiveAsync(string name, string severity, AlertStatus status)
    {
        var now = Clock.GetUtcNow();
        var labels = SampleAlert.Pairs($"alertname={name};severity={severity};service=checkout");
        var known = firing.Keys.FirstOrDefault(alert => alert.Fingerprint == Fingerprint.Of(labels));
        var alert = SampleAlert.Firing(labels, startsAt: known?.StartsAt ?? now, receivedAt: now);
        if (known is not null)
        {
            firing.Remove(known);
        }

        if (status == AlertStatus.Firing)
        {
            firing.Add(alert, now);
        }
        else
        {
            alert = alert with { Status = status, EndsAt = now };
        }

        var number = ++lastMessage;
        var message = new ReceivedMessage(number, "s", $"{number}", AlertJson.Write(alert), 1, now);
        await InsistAsync(() => intake.HandleAsync("s", [message], Token));
    }

    private async Task<bool> DeliverAsync()
    {
        var hasDone = false;
        while (await notifications.TryReceiveAsync(100, Token) is { } lease)
        {
            hasDone = true;
            await using (lease)
            {
                foreach (var message in lease.Messages)
                {
                    await DeliverAsync(PipelineJson.FromUtf8<Notification>(message.Body.Span));
                }

                await lease.SettleAsync([.. lease.Messages.Select(message => new Settlement.Complete(message.Sequence))], Token);
            }
        }

        return hasDone;
    }

    private async Task DeliverAsync(Notification notification)
    {
        if (notification.Purpose == NotificationPurpose.Page)
        {
            await InsistAsync(async () =>
            {
                var decision = await receipts.DecideAsync(notification, Token);
                var status = decision is PageDecision.Send ? DeliveryStatus.Sent : DeliveryStatus.Withheld;
                await receipts.RecordAsync(new DeliveryReceipt(notification, status, "in the walk", 1, Clock.GetUtcNow()), Token);
            });
        }
    }
}
