namespace Pipeline.Tests.Support;

/// <summary>How a <see cref="LoopbackWebhook"/> treats a request.</summary>
public sealed record WebhookReply
{
    private WebhookReply()
    {
    }

    public static WebhookReply Ok { get; } = Status(200);

    /// <summary>Reads the request and never answers.</summary>
    public static WebhookReply Hang { get; } = new() { Kind = ReplyKind.Hang };

    /// <summary>Reads the request and drops the connection.</summary>
    public static WebhookReply Close { get; } = new() { Kind = ReplyKind.Close };

    /// <summary>Answers 500 with a body that never ends: a byte now and then.</summary>
    public static WebhookReply EndlessBody { get; } = new() { Kind = ReplyKind.Drip, StatusCode = 500 };

    internal ReplyKind Kind { get; private init; }

    internal int StatusCode { get; private init; }

    internal string Body { get; private init; } = string.Empty;

    internal IReadOnlyDictionary<string, string> Headers { get; private init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public static WebhookReply Status(int status, string body = "") => new() { StatusCode = status, Body = body };

    /// <param name="retryAfter">The header as sent: seconds or an HTTP date.</param>
    public static WebhookReply RetryAfter(string retryAfter, int status = 429) => Status(status).With("Retry-After", retryAfter);

    public static WebhookReply Redirect(Uri to, int status = 307)
    {
        ArgumentNullException.ThrowIfNull(to);
        return Status(status).With("Location", to.ToString());
    }

    /// <summary>The same with one header more.</summary>
    public WebhookReply With(string header, string value) =>
        this with { Headers = new Dictionary<string, string>(Headers, StringComparer.OrdinalIgnoreCase) { [header] = value } };

    internal enum ReplyKind
    {
        Answer,
        Hang,
        Close,
        Drip,
    }
}
