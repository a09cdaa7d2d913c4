namespace Pipeline.Tests.Support.Processes;

/// <summary>One delivery that arrived.</summary>
/// <param name="Key">The <c>Idempotency-Key</c> header.</param>
/// <param name="Body">As it came.</param>
public sealed record ReceivedPage(DateTimeOffset At, string Key, string Purpose, string IncidentId, string Address, string Body);

/// <summary>The far end that a program in another process pages: what <see cref="LoopbackWebhook"/> was sent, read as pages.</summary>
public sealed class PageReceiver : IAsyncDisposable
{
    private readonly LoopbackWebhook webhook;
    private readonly Lock gate = new();
    private readonly List<ReceivedPage> read = [];

    private PageReceiver(LoopbackWebhook webhook) => this.webhook = webhook;

    public Uri Url => webhook.Url;

    /// <summary>Every delivery, the oldest first; updates and reminders too.</summary>
    public IReadOnlyList<ReceivedPage> All
    {
        get
        {
            lock (gate)
            {
                read.AddRange(webhook.Requests.Skip(read.Count).Select(Read));
                return [.. read];
            }
        }
    }

    /// <summary>Calls to act: deliveries of purpose <c>page</c>.</summary>
    public IReadOnlyList<ReceivedPage> Pages => [.. All.Where(one => string.Equals(one.Purpose, "page", StringComparison.Ordinal))];

    public static async Task<PageReceiver> StartAsync(CancellationToken cancellationToken) =>
        new(await LoopbackWebhook.StartAsync(cancellationToken: cancellationToken));

    public ValueTask DisposeAsync() => webhook.DisposeAsync();

    private static ReceivedPage Read(WebhookRequest request) => new(
        request.ArrivedAt,
        request.IdempotencyKey,
        request.Field("purpose") ?? "",
        request.Field("incidentId") ?? "",
        request.Field("address") ?? "",
        request.Body);
}
