using System.Net.Http.Json;
using System.Text.Json;
using Pipeline.Runtime;

namespace Pipeline.Tests.Support.Processes;

/// <summary>Talks to the program as an outsider does. The records below are written from the API's promise, not shared with its code.</summary>
public sealed class PipelineApi(Uri url) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = url, Timeout = TimeSpan.FromSeconds(10) };

    public HttpClient Http => http;

    /// <param name="status"><c>open</c> or <c>all</c>.</param>
    public Task<IReadOnlyList<IncidentView>> IncidentsAsync(string status, CancellationToken cancellationToken) =>
        ListAsync<IncidentView>($"api/incidents?status={status}&limit=100", cancellationToken);

    /// <summary>One incident with its alerts.</summary>
    public Task<IncidentView> IncidentAsync(string id, CancellationToken cancellationToken) =>
        GetAsync<IncidentView>($"api/incidents/{id}", cancellationToken);

    /// <summary>Every incident with its alerts.</summary>
    public async Task<IReadOnlyList<IncidentView>> IncidentsWithAlertsAsync(CancellationToken cancellationToken)
    {
        var found = new List<IncidentView>();
        foreach (var incident in await IncidentsAsync("all", cancellationToken))
        {
            found.Add(await IncidentAsync(incident.Id, cancellationToken));
        }

        return found;
    }

    public Task<IReadOnlyList<TimelineView>> TimelineAsync(string id, CancellationToken cancellationToken) =>
        ListAsync<TimelineView>($"api/incidents/{id}/timeline?limit=500", cancellationToken);

    public Task<InstanceView> OrchestrationAsync(string instanceId, CancellationToken cancellationToken) =>
        GetAsync<InstanceView>($"api/orchestrations/{instanceId}", cancellationToken);

    /// <param name="idempotencyKey">Lets a command whose answer was lost be sent again.</param>
    /// <exception cref="HttpRequestException">Unreachable, or an answer other than 2xx.</exception>
    public async Task CommandAsync(
        string incidentId, string command, object body, CancellationToken cancellationToken, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/incidents/{incidentId}/{command}") { Content = JsonContent.Create(body) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var answer = await http.SendAsync(request, cancellationToken);
        await EnsureSuccessAsync(answer, cancellationToken);
    }

    /// <param name="route"><c>api/alerts/alertmanager</c> or <c>api/v2/alerts</c>.</param>
    /// <exception cref="HttpRequestException">Unreachable, or an answer other than 2xx.</exception>
    public async Task<AcceptedView> PostAlertsAsync(string route, byte[] body, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        using var answer = await http.PostAsync(route, content, cancellationToken);
        await EnsureSuccessAsync(answer, cancellationToken);
        return await answer.Content.ReadFromJsonAsync<AcceptedView>(PipelineJson.Options, cancellationToken)
            ?? throw new JsonException("An empty answer.");
    }

    public void Dispose() => http.Dispose();

    private async Task<IReadOnlyList<T>> ListAsync<T>(string path, CancellationToken cancellationToken)
    {
        var found = new List<T>();
        for (var next = ""; ;)
        {
            var page = await GetAsync<PageView<T>>(path + next, cancellationToken);
            found.AddRange(page.Items);
            if (page.NextCursor is null)
            {
                return found;
            }

            next = $"&cursor={Uri.EscapeDataString(page.NextCursor)}";
        }
    }

    private async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(path, cancellationToken);
        await EnsureSuccessAsync(answer, cancellationToken);
        return await answer.Content.ReadFromJsonAsync<T>(PipelineJson.Options, cancellationToken) ?? throw new JsonException($"{path} answered null.");
    }

    private static async Task EnsureSuccessAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (!answer.IsSuccessStatusCode)
        {
            var body = await answer.Content.ReadAsStringAsync(cancellationToken);
            throw new HttpRequestException($"{answer.RequestMessage?.RequestUri} answered {(int)answer.StatusCode}: {body}", null, answer.StatusCode);
        }
    }
}

public sealed record PageView<T>(IReadOnlyList<T> Items, string? NextCursor = null);

public sealed record IncidentView
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required string Severity { get; init; }

    public required string Stage { get; init; }

    public required string Service { get; init; }

    public required string Environment { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset DetectedAt { get; init; }

    public DateTimeOffset? AcknowledgedAt { get; init; }

    public string? AcknowledgedBy { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    public int TotalAlerts { get; init; }

    /// <summary>A list shows a few at most.</summary>
    public IReadOnlyList<AlertView> Alerts { get; init; } = [];

    public bool IsOpen => Stage is not ("resolved" or "closed");
}

public sealed record AlertView
{
    public required string Fingerprint { get; init; }

    /// <summary><c>firing</c>, <c>resolved</c>, <c>stale</c>.</summary>
    public required string Status { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public DateTimeOffset StartsAt { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    public required int Count { get; init; }

    public DateTimeOffset LastSeenAt { get; init; }
}

public sealed record TimelineView(int Number, DateTimeOffset At, string Kind, string Text, string? By = null);

public sealed record InstanceView(string InstanceId, string Name, string RuntimeStatus, DateTimeOffset CreatedTime, DateTimeOffset LastUpdatedTime)
{
    public bool HasEnded => RuntimeStatus.ToUpperInvariant() is "COMPLETED" or "FAILED" or "TERMINATED";

    public bool HasCompleted => string.Equals(RuntimeStatus, "completed", StringComparison.OrdinalIgnoreCase);
}

public sealed record AcceptedView(int Accepted, IReadOnlyList<RejectedView>? Rejected = null);

public sealed record RejectedView(int Index, string Reason);
