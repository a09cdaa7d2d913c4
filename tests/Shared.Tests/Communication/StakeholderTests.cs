using Pipeline.Communication;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Xunit;

namespace Pipeline.Shared.Tests.Communication;

/// <summary>What stakeholders and the console hear. Everything begins on Monday 2026-01-05 at 09:00 UTC, the trouble a minute earlier.</summary>
public sealed class StakeholderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_update_goes_to_every_stakeholder_and_the_console()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        await desk.AcknowledgeAsync("alice");
        desk.Clock.Advance(TimeSpan.FromMinutes(10));
        await desk.PostUpdateAsync("Rolling back 2.4.1.");

        var updates = await desk.SentAsync(NotificationPurpose.StakeholderUpdate);
        Assert.Equal(["carol", null], updates.Select(update => update.PersonId));
        Assert.Equal(["hook", "console"], updates.Select(update => update.Channel));
        Assert.All(updates, update => Assert.Equal("[SEV-1] Update #1 - checkout - investigating", update.Title));
        Assert.Equal(
            """
            INCIDENT: INC-1, Checkout fails (checkout, production)
            STATUS: investigating, SEV-1, started 08:59 UTC
            UPDATE: Rolling back 2.4.1.
            NEXT UPDATE: 09:40 UTC, or at the resolve
            - Alice Chen, incident commander
            """.ReplaceLineEndings("\n"),
            updates[0].Text);
    }

    [Fact]
    public async Task Signals_told_twice_reach_people_once()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        var edit = await desk.Store.EditAsync(desk.Id, change => IncidentTransitions.PostUpdate(change, "First.", "alice", IncidentStage.Resolved), Token);
        await desk.Signals.DispatchAsync(edit!.Incident, Token);
        await desk.Signals.DispatchAsync(edit.Incident, Token);
        await desk.Orchestrations.DrainAsync(Token);

        var keys = (await desk.SentAsync()).Select(notification => notification.Key).ToList();
        Assert.Equal(keys.Distinct(), keys);

        // Opened and resolved on the console, the update there and to Carol.
        Assert.Equal(4, keys.Count);
    }

    [Fact]
    public async Task Two_updates_told_at_once_are_both_sent_and_both_counted()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1);
        foreach (var text in new[] { "First.", "Second." })
        {
            await desk.Store.EditAsync(desk.Id, change => IncidentTransitions.PostUpdate(change, text, "alice", stage: null), Token);
        }

        await desk.TellAsync();
        var titles = (await desk.SentAsync(NotificationPurpose.StakeholderUpdate)).Where(update => update.Channel == "hook").Select(update => update.Title);
        Assert.Equal(["[SEV-1] Update #1 - checkout - detected", "[SEV-1] Update #2 - checkout - detected"], titles);

        // The second came while the cadence was starting anew for the first; it isn't lost.
        Assert.Equal(2, (await desk.StatusAsync<CadenceStatus>("cadence")).Updates);
    }

    [Fact]
    public async Task An_update_after_the_end_of_the_cadence_is_sent_all_the_same()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev2);
        await desk.ResolveAsync();
        await desk.RunForAsync(TimeSpan.FromDays(2));
        await desk.PostUpdateAsync("What we learned.");
        var update = (await desk.SentAsync(NotificationPurpose.StakeholderUpdate))[0];
        Assert.Equal("[SEV-2] Final update #1 - checkout - resolved", update.Title);
        Assert.Contains("NEXT UPDATE: none, the incident is resolved", update.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_stakeholders_the_console_hears_it()
    {
        using var desk = new IncidentDesk(IncidentDesk.DefaultConfiguration with { Cadence = new() });
        await desk.OpenAsync(Severity.Sev1);
        await desk.PostUpdateAsync();
        Assert.Equal("console", Assert.Single(await desk.SentAsync(NotificationPurpose.StakeholderUpdate)).Channel);
    }

    [Fact]
    public async Task The_console_hears_of_opening_worsening_resolve_and_reopening()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev2);
        await desk.SetSeverityAsync(Severity.Sev1);
        await desk.RunForAsync(TimeSpan.FromMinutes(134));
        await desk.ResolveAsync();
        await desk.ReopenAsync();

        NotificationPurpose[] purposes =
            [NotificationPurpose.IncidentOpened, NotificationPurpose.SeverityRaised, NotificationPurpose.IncidentResolved, NotificationPurpose.IncidentReopened];
        var said = (await desk.SentAsync()).Where(notification => purposes.Contains(notification.Purpose)).ToList();
        Assert.Equal(purposes, said.Select(notification => notification.Purpose));
        Assert.Equal(
            [
                "[SEV-2] Checkout fails (checkout, production)",
                "[SEV-1] Checkout fails (checkout, production)",
                "[RESOLVED] Checkout fails (checkout, production)",
                "[SEV-1] Checkout fails (checkout, production)",
            ],
            said.Select(notification => notification.Title));
        Assert.Equal("Started 08:59 UTC, resolved 11:14 UTC, duration 2 h 15 min. Resolution: rolled back", said[2].Text);
        Assert.All(said, notification => Assert.Equal("console", notification.Channel));
    }

    [Fact]
    public async Task A_hostile_title_stays_on_its_line()
    {
        using var desk = new IncidentDesk();
        await desk.OpenAsync(Severity.Sev1, "bad\r\nNEXT UPDATE: never\u202e\u0007" + new string('x', 5000));
        await desk.PostUpdateAsync();
        var update = (await desk.SentAsync(NotificationPurpose.StakeholderUpdate))[0];
        Assert.Equal(5, update.Text.Split('\n').Length);
        Assert.DoesNotContain('\u202e', update.Text);
        Assert.DoesNotContain('\u0007', update.Text);
    }
}
