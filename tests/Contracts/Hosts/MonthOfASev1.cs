using Pipeline.Hosting;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Tests.Contracts.Hosts;

/// <summary>One month of a SEV-1, from the first alert to the follow-up; every time is the seeds', on every host.</summary>
public abstract class MonthOfASev1
{
    protected abstract Task<HostUnderTest> StartAsync(PipelineConfiguration configuration, ManualTimeProvider clock);

    [Fact]
    public async Task Fires_is_escalated_told_resolved_and_learned_from()
    {
        await using var pager = await LoopbackWebhook.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var host = await StartAsync(HostUnderTest.Read($$$"""
            channels: {pager: {kind: webhook, url: "{{{pager.Url}}}"}}
            people:
              alice: {name: Alice, contacts: [{channel: pager, address: alice}]}
              bob: {name: Bob, contacts: [{channel: pager, address: bob}]}
            escalation:
              default:
                levels:
                  - {name: primary, targets: [alice], timeout: 5m}
                  - {name: secondary, targets: [bob], timeout: 10m}
            """), new ManualTimeProvider(Story.Parse("2026-01-07 09:55")));
        var story = new Story(host);

        await story.UntilAsync("10:00");
        await story.FiresAsync("CheckoutDown", "critical", since: "2026-01-07 09:58");
        await story.UntilAsync("10:08");
        await story.PostAsync("/api/incidents/INC-1/acknowledge", new { by = "bob" });
        await story.UntilAsync("10:28");
        await story.PostAsync("/api/incidents/INC-1/updates", new { by = "bob", text = "Connection pool exhausted." });
        await story.UntilAsync("11:05");
        await story.PostAsync("/api/incidents/INC-1/updates", new { by = "bob", text = "Rolling back.", stage = "identified" });
        await story.UntilAsync("11:20");
        await story.RecoversAsync("CheckoutDown", "critical", since: "2026-01-07 09:58");
        await story.UntilAsync("11:25");
        await story.PostAsync("/api/incidents/INC-1/updates", new { by = "bob", text = "Over; checkout works." });
        await story.UntilAsync("2026-01-07 18:00");
        await story.PostAsync("/api/incidents/INC-1/stage", new { by = "bob", stage = "closed" });
        await story.UntilAsync("2026-02-08 00:00");

        Assert.Equal(
            """
            01-07 10:00 SEV-1 opened: CheckoutDown in checkout (checkout, production); severity from label severity=critical.
            01-07 10:00 Fired: CheckoutDown.
            01-07 10:00 Paging Alice (primary).
            01-07 10:00 Page to Alice by pager delivered: 127.0.0.1 answered 200
            01-07 10:05 Paging Bob (secondary).
            01-07 10:05 Page to Bob by pager delivered: 127.0.0.1 answered 200
            01-07 10:08 Acknowledged by Bob.
            01-07 10:08 Bob is incident commander.
            01-07 10:08 Escalation ended: acknowledged.
            01-07 10:25 Update #1 is due at 10:30 UTC. Reminded Bob.
            01-07 10:28 Update #1: Connection pool exhausted.
            01-07 10:53 Update #2 is due at 10:58 UTC. Reminded Bob.
            01-07 10:58 Update #2 was due at 10:58 UTC and has not been posted. Notified Bob.
            01-07 11:05 investigating → identified.
            01-07 11:05 Update #2: Rolling back.
            01-07 11:20 Recovered: CheckoutDown; 0 still firing.
            01-07 11:20 Resolved: all alerts recovered.
            01-07 11:20 The final update (#3) is owed. Notified Bob.
            01-07 11:25 Update #3: Over; checkout works.
            01-07 18:00 Closed by Bob.
            01-08 11:20 Wrote the postmortem draft from this timeline and notified Bob. The review is due 2026-01-10 11:20 UTC.
            01-10 11:20 The postmortem review meeting is due. Notified Bob. Action items are due 2026-01-14 11:20 UTC.
            01-14 11:20 The postmortem action items are due, with owners and dates. Notified Bob. The follow-up is due 2026-02-06 11:20 UTC.
            02-06 11:20 The postmortem follow-up is due: are the action items done? Notified Bob.
            """.ReplaceLineEndings("\n"),
            await story.TimelineAsync("INC-1"));

        // Two pages and no third: the acknowledgement came before the manager's turn, and the repetition's.
        Assert.Equal(["alice", "bob"], pager.Distinct.Where(request => request.Json.GetProperty("purpose").GetString() == "page")
            .Select(request => request.Json.GetProperty("address").GetString()));

        var reports = await story.GetAsync("/api/reports");
        var weeks = reports.GetProperty("items").EnumerateArray().Select(report => report.GetProperty("id").GetString()).ToList();
        Assert.Contains("weekly-2026-01-12", weeks);
        var week = await story.GetTextAsync("/api/reports/weekly-2026-01-12?format=markdown");
        Assert.Contains("INC-1", week, StringComparison.Ordinal);
        Assert.Contains("8 min", week, StringComparison.Ordinal); // MTTA: 10:00 to 10:08
        Assert.Contains("1 h 22 min", week, StringComparison.Ordinal); // MTTR: 09:58 to 11:20

        // Whoever was paged heard once that it was over, by the same way.
        Assert.Equal(["alice", "bob"], pager.Distinct.Where(request => request.Json.GetProperty("purpose").GetString() == "incidentResolved")
            .Select(request => request.Json.GetProperty("address").GetString()).Order());

        // Data keep the id that the command gave, texts show the name.
        Assert.Equal("bob", (await story.GetAsync("/api/incidents/INC-1")).GetProperty("commander").GetString());
        Assert.Contains("commander Bob", week, StringComparison.Ordinal);

        var postmortem = await story.GetTextAsync("/api/incidents/INC-1/postmortem?format=markdown");
        Assert.Contains("CheckoutDown", postmortem, StringComparison.Ordinal);
        Assert.Contains("- **Incident commander:** Bob\n", postmortem, StringComparison.Ordinal);
        Assert.Contains("| Acknowledged by Bob. | Bob", postmortem, StringComparison.Ordinal);
    }
}
