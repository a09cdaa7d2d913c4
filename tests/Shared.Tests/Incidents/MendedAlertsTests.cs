using Pipeline.Alerts;
using Pipeline.Incidents;
using Pipeline.Shared.Tests.Alerts;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

/// <summary>Odd alerts on their way from the post to the incident. It is 09:00 when the first comes.</summary>
public sealed class MendedAlertsTests
{
    private readonly IntakeDesk desk = new();

    [Theory]

    // Each minute; and rarely enough that the start comes to lie between two repeats.
    [InlineData(1, 4)]
    [InlineData(7, 4)]
    [InlineData(60, 3)]
    public async Task D9_Repeats_of_a_start_that_lies_ahead_are_one_episode(int minutes, int repeats)
    {
        for (var repeat = 0; repeat <= repeats; repeat++)
        {
            await desk.ReceiveAsync(Prometheus("\"startsAt\":\"2026-01-05T09:10:00Z\""));
            desk.Clock.Advance(TimeSpan.FromMinutes(minutes));
        }

        Assert.Single(await LinesAsync("Fired"));
        Assert.Equal(
            ["Mended on receipt. Down: startsAt 2026-01-05 09:10:00Z was 10 min after its receipt, and the time of receipt was taken; check the sender's clock."],
            await LinesAsync("Mended"));
        Assert.Equal(repeats + 1, (await desk.AlertAsync("INC-1", Prometheus(""))).Count);
    }

    [Fact]
    public async Task D9_A_start_seconds_ahead_is_one_episode_and_needs_no_word()
    {
        for (var repeat = 0; repeat < 4; repeat++)
        {
            await desk.ReceiveAsync(Prometheus("\"startsAt\":\"2026-01-05T09:00:05Z\""));
            desk.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Single(await LinesAsync("Fired"));
        Assert.Empty(await LinesAsync("Mended"));
    }

    [Fact]
    public async Task D9_A_later_start_is_another_episode_once_it_has_come()
    {
        await desk.ReceiveAsync(Prometheus("\"startsAt\":\"2026-01-05T09:10:00Z\""));
        desk.Clock.Advance(TimeSpan.FromMinutes(30));
        await desk.ReceiveAsync(Prometheus("\"startsAt\":\"2026-01-05T09:25:00Z\""));

        Assert.Equal(2, (await LinesAsync("Fired")).Count);
    }

    [Fact]
    public async Task D10_A_resolve_that_ends_before_its_start_resolves_and_says_so()
    {
        await desk.ReceiveAsync(Prometheus("\"startsAt\":\"2026-01-05T08:59:00Z\""));
        desk.Clock.Advance(TimeSpan.FromMinutes(5));
        await desk.ReceiveAsync(Prometheus("\"startsAt\":\"2026-01-05T08:59:00Z\",\"endsAt\":\"2026-01-05T08:58:59Z\""));

        Assert.Equal(IncidentStage.Resolved, (await desk.TheIncidentAsync()).Stage);
        Assert.EndsWith("and the resolve was taken as one that began at its end.", Assert.Single(await LinesAsync("Mended")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D10_So_does_one_whose_start_lay_ahead()
    {
        await desk.ReceiveAsync(Prometheus("\"startsAt\":\"2026-01-05T09:10:00Z\""));
        desk.Clock.Advance(TimeSpan.FromMinutes(5));
        await desk.ReceiveAsync(Prometheus("\"startsAt\":\"2026-01-05T09:10:00Z\",\"endsAt\":\"2026-01-05T09:04:00Z\""));

        Assert.Equal(IncidentStage.Resolved, (await desk.TheIncidentAsync()).Stage);
    }

    [Fact]
    public async Task D10_One_that_ends_before_all_that_was_heard_resolves_too()
    {
        await desk.ReceiveAsync(Prometheus("\"startsAt\":\"2026-01-05T09:10:00Z\""));
        desk.Clock.Advance(TimeSpan.FromMinutes(5));
        await desk.ReceiveAsync(Prometheus("\"startsAt\":\"2026-01-05T09:10:00Z\",\"endsAt\":\"2026-01-05T08:50:00Z\""));

        Assert.Equal(IncidentStage.Resolved, (await desk.TheIncidentAsync()).Stage);
    }

    [Fact]
    public async Task D9_A_resolve_whose_start_lies_ahead_is_one_resolve_however_often_it_is_repeated()
    {
        for (var repeat = 0; repeat < 15; repeat++)
        {
            await desk.ReceiveAsync(Prometheus("\"startsAt\":\"2026-01-05T09:10:00Z\",\"endsAt\":\"2026-01-05T08:58:00Z\""));
            desk.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Empty((await desk.Store.ListAsync(openOnly: false, 10, null, TestContext.Current.CancellationToken)).Items);
    }

    [Fact]
    public async Task D11_A_mending_is_said_once_an_episode_and_again_for_the_next()
    {
        var odd = "\"startsAt\":\"1970-01-01T00:00:00Z\"";
        for (var repeat = 0; repeat < 3; repeat++)
        {
            await desk.ReceiveAsync(Prometheus(odd));
            desk.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Single(await LinesAsync("Mended"));
        Assert.Single(await LinesAsync("Fired"));
        await desk.ReceiveAsync(Prometheus("\"endsAt\":\"2026-01-05T09:02:30Z\""));
        desk.Clock.Advance(TimeSpan.FromMinutes(1));
        await desk.ReceiveAsync(Prometheus(odd));
        Assert.Equal(2, (await LinesAsync("Mended")).Count);
    }

    [Fact]
    public async Task O5_What_was_mended_about_many_alerts_is_one_line()
    {
        var alerts = new List<Alert>();
        for (var i = 0; i < 40; i++)
        {
            alerts.Add(Read($$"""[{"labels":{"alertname":"Down\u000a{{i}}","service":"shop","port":{{i}}},"startsAt":""}]"""));
        }

        await desk.ReceiveAsync(alerts);

        Assert.Equal(
            [
                "Mended on receipt. Down 0 and 39 more: The label 'port' was a number, and its JSON was taken as text. "
                    + "Down 0 and 39 more: startsAt '' is no time since the year 2000 and was left out.",
            ],
            await LinesAsync("Mended"));
    }

    private Alert Prometheus(string times) =>
        Read("[{\"labels\":{\"alertname\":\"Down\",\"service\":\"shop\"}" + (times.Length == 0 ? "" : ",") + times + "}]");

    private Alert Read(string post)
    {
        Alert? read = null;
        AlertSources.Prometheus.Read(Posts.Utf8(post), desk.Clock.GetUtcNow(), (_, alert) => read = alert);
        return read!;
    }

    private async Task<List<string>> LinesAsync(string begin) =>
        [.. (await desk.TimelineAsync("INC-1")).Where(line => line.StartsWith(begin, StringComparison.Ordinal))];
}
