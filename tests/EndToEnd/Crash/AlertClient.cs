using System.Globalization;
using System.Net;
using System.Text.Json;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd.Crash;

/// <summary>What a client knows of one of its alerts. Only that client changes it.</summary>
internal sealed class SentAlert(string id, FailingService service, bool neverResolves)
{
    public string Id => id;

    public FailingService Service => service;

    public bool NeverResolves => neverResolves;

    public DateTimeOffset StartsAt { get; set; }

    public DateTimeOffset? EndsAt { get; set; }

    /// <summary>Posts that held it and were answered 2xx.</summary>
    public int Answered { get; set; }

    /// <summary>Posts that held it, also those whose answer never came.</summary>
    public int Sent { get; set; }

    public AlertPost ToPost() => new(
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["alertname"] = "Crash",
            ["alert_id"] = id,
            ["service"] = service.Name,
            ["severity"] = "critical",
        },
        StartsAt,
        EndsAt);
}

/// <summary>
/// Posts alerts without a pause longer than a few milliseconds: new ones, repeats, resolves, one to three a post, by both routes. Like Alertmanager
/// it sends a post again until it is answered 2xx, and like a group of Alertmanager's it has one post under way at a time.
/// </summary>
internal sealed class AlertClient(int number, Random random, PipelineApi api)
{
    /// <summary>A change of state is at least this far from the last one, so that its times differ and an end lies in the past.</summary>
    private static readonly TimeSpan StateLasts = TimeSpan.FromMilliseconds(30);

    private readonly List<SentAlert> alerts = [];

    public IReadOnlyList<SentAlert> Alerts => alerts;

    public int AnsweredPosts { get; private set; }

    public int UnansweredPosts { get; private set; }

    public List<RejectedView> Rejected { get; } = [];

    public async Task RunAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        var begin = TimeProvider.System.GetUtcNow();
        while (!stop.IsCancellationRequested)
        {
            var now = TimeProvider.System.GetUtcNow();
            var failing = Math.Min(CrashPlan.Services.Count, 1 + (int)((now - begin) / CrashPlan.NextService));
            var chosen = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Choose(failing, now)).Distinct().ToList();
            await SendUntilAnsweredAsync(chosen, cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2, 15)), TimeProvider.System, cancellationToken);
        }
    }

    private SentAlert Choose(int failing, DateTimeOffset now)
    {
        // In step with the services that fail: a fast program must not use up the alerts before the last service has had its share.
        if (alerts.Count < CrashPlan.AlertsPerClient * failing / CrashPlan.Services.Count && random.NextDouble() < 0.3)
        {
            // Chance alone could leave out the service that began last.
            var newest = CrashPlan.Services[failing - 1];
            var service = alerts.TrueForAll(alert => alert.Service != newest) ? newest : CrashPlan.Services[random.Next(failing)];
            return Fire(service, now);
        }

        if (alerts.Count == 0)
        {
            return Fire(CrashPlan.Services[0], now);
        }

        var alert = alerts[random.Next(alerts.Count)];
        var mayChange = !alert.NeverResolves && now - (alert.EndsAt ?? alert.StartsAt) > StateLasts;
        if (mayChange && random.NextDouble() < 0.5)
        {
            Change(alert, now);
        }

        return alert;
    }

    private SentAlert Fire(FailingService service, DateTimeOffset now)
    {
        // A client's first alert of a service that doesn't flap stays, so that nobody's resolve can end the incident.
        var stays = service.Fate != ServiceFate.Flaps && (random.Next(2) == 0 || alerts.TrueForAll(alert => alert.Service != service));
        var id = string.Create(CultureInfo.InvariantCulture, $"client-{number}-alert-{alerts.Count}");
        var alert = new SentAlert(id, service, stays) { StartsAt = now };
        alerts.Add(alert);
        return alert;
    }

    private static void Change(SentAlert alert, DateTimeOffset now)
    {
        if (alert.EndsAt is null)
        {
            alert.EndsAt = now - TimeSpan.FromMilliseconds(5);
        }
        else
        {
            alert.StartsAt = now;
            alert.EndsAt = null;
        }
    }

    private async Task SendUntilAnsweredAsync(IReadOnlyList<SentAlert> chosen, CancellationToken cancellationToken)
    {
        var posts = chosen.Select(alert => alert.ToPost()).ToList();
        var webhook = random.Next(2) == 0;
        var route = webhook ? AlertPost.WebhookRoute : AlertPost.ListRoute;
        var body = webhook ? AlertPost.ForWebhook(posts) : AlertPost.ForList(posts);
        while (true)
        {
            foreach (var alert in chosen)
            {
                alert.Sent++;
            }

            if (await AnsweredAsync(route, body, cancellationToken))
            {
                break;
            }

            UnansweredPosts++;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }

        AnsweredPosts++;
        foreach (var alert in chosen)
        {
            alert.Answered++;
        }
    }

    private async Task<bool> AnsweredAsync(string route, byte[] body, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await api.PostAlertsAsync(route, body, cancellationToken);
            Rejected.AddRange(answer.Rejected ?? []);
            return true;
        }
        catch (Exception lost) when (lost is HttpRequestException { StatusCode: null or HttpStatusCode.ServiceUnavailable } or IOException or JsonException)
        {
            // Also where the status came and the rest was cut off by the kill: nobody could rely on such an answer.
            return false;
        }
    }
}
