using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Xunit;

namespace Pipeline.Shared.Tests.Communication;

/// <summary>Bob is on the first level, Alice on the second; Carol was never paged. All but Dora are reached by a webhook.</summary>
public sealed class IncidentAnnouncerTests
{
    private static readonly PipelineConfiguration Configuration = IncidentDesk.DefaultConfiguration with
    {
        People = new Dictionary<string, Person>(IncidentDesk.DefaultConfiguration.People, StringComparer.Ordinal)
        {
            ["dora"] = new("dora", "Dora Funk", [new ContactMethod("console"), new ContactMethod("hook", "dora")]),
        },
        Channels = new Dictionary<string, ChannelConfiguration>(StringComparer.Ordinal)
        {
            ["console"] = new("console", ChannelKind.Console),
            ["hook"] = new("hook", ChannelKind.Webhook, new Uri("https://hooks.example.org")),
        },
        Escalation = new Dictionary<string, EscalationPolicyConfiguration>(StringComparer.Ordinal)
        {
            ["default"] = new("default", [new("first", ["bob"], TimeSpan.FromMinutes(5)), new("second", ["alice", "dora"], TimeSpan.FromMinutes(5))]),
        },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FirstUse_Whoever_was_paged_hears_that_it_is_over()
    {
        using var desk = await PagedAsync("bob", "alice");
        await desk.AcknowledgeAsync("bob");

        await desk.ChangeAsync(Recovered);

        var told = await desk.SentAsync(NotificationPurpose.IncidentResolved);
        Assert.Equal(["*→console", "alice→hook", "bob→hook"], Ways(told));
        Assert.All(told, notification => Assert.StartsWith("[RESOLVED] Checkout fails", notification.Title, StringComparison.Ordinal));
    }

    [Fact]
    public async Task FirstUse_An_attempt_counts_and_a_page_that_was_withheld_does_not()
    {
        using var desk = await PagedAsync();
        await RecordAsync(desk, "bob", DeliveryStatus.Failed, attempts: 10);
        await RecordAsync(desk, "alice", DeliveryStatus.Withheld, attempts: 0);

        await desk.ChangeAsync(Recovered);

        Assert.Equal(["*→console", "bob→hook"], Ways(await desk.SentAsync(NotificationPurpose.IncidentResolved)));
    }

    [Fact]
    public async Task FirstUse_Whoever_has_it_hears_it_without_a_page_and_whoever_ended_it_needs_no_word()
    {
        using var desk = await PagedAsync("bob");
        await desk.AcknowledgeAsync("Carol Weiss");

        await desk.ChangeAsync(change => IncidentTransitions.Resolve(change, "bob", "rolled back", force: true));

        Assert.Equal(["*→console", "carol→hook"], Ways(await desk.SentAsync(NotificationPurpose.IncidentResolved)));
    }

    [Fact]
    public async Task FirstUse_Nobody_who_was_never_paged_is_disturbed()
    {
        using var desk = await PagedAsync();

        await desk.ChangeAsync(Recovered);

        Assert.Equal(["*→console"], Ways(await desk.SentAsync(NotificationPurpose.IncidentResolved)));
        Assert.Equal(["*→console"], Ways(await desk.SentAsync(NotificationPurpose.IncidentOpened)));
    }

    [Fact]
    public async Task FirstUse_A_reopening_is_told_to_those_it_does_not_page()
    {
        using var desk = await PagedAsync("bob", "alice");
        await desk.ChangeAsync(Recovered);

        await desk.ReopenAsync();

        Assert.Equal(["*→console", "alice→hook"], Ways(await desk.SentAsync(NotificationPurpose.IncidentReopened)));
    }

    [Fact]
    public async Task FirstUse_A_reopening_inside_the_cooldown_is_told_to_all_of_them()
    {
        using var desk = await PagedAsync("bob", "alice");
        await desk.ChangeAsync(Recovered);

        await desk.ReopenAsync(desk.Clock.GetUtcNow().AddMinutes(20));

        Assert.Equal(["*→console", "alice→hook", "bob→hook"], Ways(await desk.SentAsync(NotificationPurpose.IncidentReopened)));
    }

    [Fact]
    public async Task FirstUse_A_rise_after_the_acknowledgement_is_told_to_those_it_does_not_page()
    {
        using var desk = await PagedAsync("bob");
        await desk.AcknowledgeAsync("carol");

        await desk.SetSeverityAsync(Severity.Sev1);

        Assert.Equal(["*→console", "carol→hook"], Ways(await desk.SentAsync(NotificationPurpose.SeverityRaised)));
    }

    [Fact]
    public async Task D7_A_rise_before_the_acknowledgement_is_not_told_beside_the_page_that_goes_out_again()
    {
        using var desk = await PagedAsync("bob", "carol");

        await desk.SetSeverityAsync(Severity.Sev1);

        Assert.Equal(["*→console"], Ways(await desk.SentAsync(NotificationPurpose.SeverityRaised)));
    }

    /// <summary>The page of the new escalation can be sent before the rise is told to all.</summary>
    [Fact]
    public async Task D7_A_rise_after_the_acknowledgement_is_not_told_beside_a_page_that_went_out_already()
    {
        using var desk = await PagedAsync("bob");
        await desk.AcknowledgeAsync("bob");
        var edit = await desk.Store.EditAsync(desk.Id, change => IncidentTransitions.SetSeverity(change, Severity.Sev1, "worse", "alice"), Token);
        await RecordAsync(desk, "bob", DeliveryStatus.Sent, attempts: 1, round: 2);

        await desk.Signals.DispatchAsync(edit!.Incident, Token);
        Assert.Equal(["*→console"], Ways(await desk.SentAsync(NotificationPurpose.SeverityRaised)));
    }

    /// <summary>The signal is told again after a crash.</summary>
    [Fact]
    public async Task FirstUse_Told_twice_it_is_one_message()
    {
        using var desk = await PagedAsync("bob");
        var edit = await desk.Store.EditAsync(desk.Id, Recovered, Token);
        await desk.Signals.DispatchAsync(edit!.Incident, Token);
        await desk.Signals.DispatchAsync(edit.Incident, Token);

        Assert.Equal(["*→console", "bob→hook"], Ways(await desk.SentAsync(NotificationPurpose.IncidentResolved)));
    }

    /// <summary>The room's line is on the console already.</summary>
    [Fact]
    public async Task FirstUse_Whoever_is_paged_on_the_console_reads_the_rooms_line_there()
    {
        using var desk = await PagedAsync("dora");

        await desk.ChangeAsync(Recovered);

        Assert.Equal(["*→console", "dora→hook"], Ways(await desk.SentAsync(NotificationPurpose.IncidentResolved)));
    }

    private static async Task<IncidentDesk> PagedAsync(params string[] people)
    {
        var desk = new IncidentDesk(Configuration);
        await desk.OpenAsync(Severity.Sev2);
        foreach (var person in people)
        {
            await RecordAsync(desk, person, DeliveryStatus.Sent, attempts: 1);
        }

        return desk;
    }

    private static CommandRefusal Recovered(IncidentChange change)
    {
        IncidentTransitions.ResolveByRecovery(change);
        return CommandRefusal.None;
    }

    private static Task RecordAsync(IncidentDesk desk, string person, DeliveryStatus status, int attempts, int round = 1) =>
        new DeliveryLog(desk.Table).WriteAsync(
            new DeliveryRecord
            {
                Key = NotificationKey.Of(NotificationPurpose.Page, desk.Id, round, "0.0.0", person, "hook"),
                Channel = "hook",
                Purpose = NotificationPurpose.Page,
                PersonId = person,
                IncidentId = desk.Id,
                Title = "page",
                Status = status,
                Attempts = attempts,
                Reason = "",
                CreatedAt = desk.Clock.GetUtcNow(),
                UpdatedAt = desk.Clock.GetUtcNow(),
            },
            Token);

    private static IEnumerable<string> Ways(IEnumerable<Notification> notifications) =>
        notifications.Select(notification => $"{notification.PersonId ?? "*"}→{notification.Channel}").Order(StringComparer.Ordinal);
}
