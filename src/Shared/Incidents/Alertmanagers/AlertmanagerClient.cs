using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;

namespace Pipeline.Incidents.Alertmanagers;

/// <summary>What an Alertmanager has of an alert.</summary>
/// <param name="IsSuppressed">It fires, and a silence or an inhibition keeps it from notifying.</param>
public readonly record struct AlertmanagerAlert(bool IsSuppressed);

/// <summary>What an Alertmanager said.</summary>
/// <param name="StartedAt">Since when it runs: it has forgotten what it heard before.</param>
/// <param name="Alerts">Those that fire, by fingerprint. What has ended isn't among them.</param>
public sealed record AlertmanagerState(DateTimeOffset StartedAt, IReadOnlyDictionary<string, AlertmanagerAlert> Alerts);

/// <summary>
/// Asks an Alertmanager what it has, by its API v2: <c>GET /api/v2/status</c> and <c>GET /api/v2/alerts</c>.
/// https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
/// </summary>
public sealed partial class AlertmanagerClient(HttpClient http, SecretSource secrets, TimeProvider time, ILogger<AlertmanagerClient> logger)
{
    /// <summary>Of one answer. 50,000 alerts of a kilobyte fit.</summary>
    public const int MaxAnswerBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Redirects aren't followed: they would carry the token where the configuration doesn't point.</summary>
    public static HttpClient CreateHttp() => new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) },
        disposeHandler: true)
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };

    /// <summary>Null where it can't be reached or understood; the log says why.</summary>
    public async Task<AlertmanagerState?> AskAsync(AlertmanagerConfiguration alertmanager, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var status = await GetAsync(alertmanager, "api/v2/status", both.Token).ConfigureAwait(false);
            using var alerts = await GetAsync(alertmanager, "api/v2/alerts", both.Token).ConfigureAwait(false);
            var asked = Instance.Of(status.RootElement);

            // Twice: a balancer that takes two replicas in turn answers the first of these from the same one as the status before.
            for (var again = 0; again < 2; again++)
            {
                using var after = await GetAsync(alertmanager, "api/v2/status", both.Token).ConfigureAwait(false);
                if (Instance.Of(after.RootElement) != asked)
                {
                    LogSeveral(logger, alertmanager.Url.Host);
                    return null;
                }
            }

            return new AlertmanagerState(asked.StartedAt, Read(alerts.RootElement));
        }
        catch (Exception exception) when (
            exception is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogFailed(logger, alertmanager.Url.Host, exception.Message);
            return null;
        }
    }

    private static Dictionary<string, AlertmanagerAlert> Read(JsonElement alerts)
    {
        var read = new Dictionary<string, AlertmanagerAlert>(StringComparer.Ordinal);
        foreach (var alert in alerts.EnumerateArray())
        {
            var state = alert.GetProperty("status").GetProperty("state").GetString();
            read[alert.GetProperty("fingerprint").GetString() ?? ""] = new AlertmanagerAlert(state == "suppressed");
        }

        return read;
    }

    private async Task<JsonDocument> GetAsync(AlertmanagerConfiguration alertmanager, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, alertmanager.At(path));
        request.Headers.Authorization = AuthorizationOf(alertmanager);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
    }

    private AuthenticationHeaderValue? AuthorizationOf(AlertmanagerConfiguration alertmanager)
    {
        if (alertmanager.Token is not null)
        {
            return new AuthenticationHeaderValue("Bearer", secrets.Resolve(alertmanager.Token));
        }

        return alertmanager.Username is null
            ? null
            : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{alertmanager.Username}:{secrets.Resolve(alertmanager.Password!)}")));
    }

    /// <summary>Tells one Alertmanager from another behind the same address.</summary>
    /// <param name="Name">In its cluster; null where it is alone.</param>
    private readonly record struct Instance(DateTimeOffset StartedAt, string? Name)
    {
        public static Instance Of(JsonElement status) => new(
            status.GetProperty("uptime").GetDateTimeOffset(),
            status.TryGetProperty("cluster", out var cluster) && cluster.ValueKind == JsonValueKind.Object && cluster.TryGetProperty("name", out var name)
                ? name.GetString()
                : null);
    }

    [LoggerMessage(133, LogLevel.Warning, "Several Alertmanagers answer at {Host}, so none of their answers counts. Name the address of one replica under intake.alertmanagers.")]
    private static partial void LogSeveral(ILogger logger, string host);

    [LoggerMessage(131, LogLevel.Warning, "Alertmanager at {Host} could not be asked what it has: {Reason} It is asked again in five minutes.")]
    private static partial void LogFailed(ILogger logger, string host, string reason);
}
