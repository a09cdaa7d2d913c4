using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pipeline.Tests.Support;

/// <summary>
/// The far end of a webhook channel: a real HTTP server on loopback that checks signatures as a receiver should
/// and misbehaves as it is told. A wrong signature is answered with 401.
/// </summary>
public sealed class LoopbackWebhook : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly string? secret;
    private readonly TimeProvider timeProvider;
    private readonly Lock gate = new();
    private readonly List<WebhookRequest> requests = [];
    private readonly ConcurrentQueue<WebhookReply> nextReplies = new();
    private readonly CancellationTokenSource stopping = new();
    private TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile WebhookReply reply = WebhookReply.Ok;
    private int disposed;

    private LoopbackWebhook(WebApplication server, string? secret, TimeProvider timeProvider)
    {
        this.server = server;
        this.secret = secret;
        this.timeProvider = timeProvider;
    }

    /// <summary>Where it listens; any path is served.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    /// <summary>What it answers whenever <see cref="ReplyNext"/> has nothing left.</summary>
    public WebhookReply Reply
    {
        get => reply;
        set => reply = value;
    }

    /// <summary>Everything that arrived, in order.</summary>
    public IReadOnlyList<WebhookRequest> Requests
    {
        get
        {
            lock (gate)
            {
                return [.. requests];
            }
        }
    }

    /// <summary>What a receiver that knows idempotency keys has taken: the first taken request of each key.</summary>
    public IReadOnlyList<WebhookRequest> Distinct =>
        [.. Requests.Where(request => request.IsTaken).DistinctBy(request => request.IdempotencyKey, StringComparer.Ordinal)];

    /// <param name="secret">The key of the signatures; null checks none.</param>
    /// <param name="timeProvider">What <see cref="WebhookRequest.ArrivedAt"/> is read from; null is the machine's clock.</param>
    /// <param name="port">0 picks a free one.</param>
    /// <param name="certificate">Speaks TLS with it; null speaks none.</param>
    public static async Task<LoopbackWebhook> StartAsync(
        string? secret = null,
        TimeProvider? timeProvider = null,
        int port = 0,
        X509Certificate2? certificate = null,
        CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback,
            port,
            listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }
            }));
        if (certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Logging.ClearProviders();
        var application = builder.Build();
        var webhook = new LoopbackWebhook(application, secret, timeProvider ?? TimeProvider.System);
        application.Run(webhook.ServeAsync);
        await application.StartAsync(cancellationToken);
        webhook.Url = new Uri(application.Urls.Single() + "/hook");
        return webhook;
    }

    /// <summary>Answers the next requests so, one each, before <see cref="Reply"/> applies again.</summary>
    public void ReplyNext(params IReadOnlyList<WebhookReply> replies)
    {
        ArgumentNullException.ThrowIfNull(replies);
        foreach (var next in replies)
        {
            nextReplies.Enqueue(next);
        }
    }

    /// <summary>The requests once <paramref name="predicate"/> holds of them. Throws <see cref="TimeoutException"/>, telling what has arrived, where it doesn't in time.</summary>
    public async Task<IReadOnlyList<WebhookRequest>> WaitForAsync(
        Func<IReadOnlyList<WebhookRequest>, bool> predicate, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        using var limit = new CancellationTokenSource(timeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        while (true)
        {
            Task next;
            IReadOnlyList<WebhookRequest> seen;
            lock (gate)
            {
                next = arrived.Task;
                seen = [.. requests];
            }

            if (predicate(seen))
            {
                return seen;
            }

            try
            {
                await next.WaitAsync(either.Token);
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                var told = string.Join("; ", seen.Select(request => $"{request.IdempotencyKey} → {request.AnsweredStatus}"));
                throw new TimeoutException($"Not so after {timeout}. {seen.Count} requests arrived: {told}", exception);
            }
        }
    }

    /// <summary>Can be called twice, so that a test may take the far end away before its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            await stopping.CancelAsync();
            await server.DisposeAsync();
            stopping.Dispose();
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var signatureIsValid = secret is null ? (bool?)null : IsSigned(context.Request.Headers, body.ToArray(), secret);
        var chosen = signatureIsValid == false ? WebhookReply.Status(401, "wrong signature")
            : nextReplies.TryDequeue(out var next) ? next
            : reply;

        Record(new WebhookRequest(
            timeProvider.GetUtcNow(),
            context.Request.Path,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            Encoding.UTF8.GetString(body.ToArray()),
            signatureIsValid,
            chosen.Kind == WebhookReply.ReplyKind.Answer ? chosen.StatusCode : 0));
        await AnswerAsync(context, chosen);
    }

    private async Task AnswerAsync(HttpContext context, WebhookReply chosen)
    {
        switch (chosen.Kind)
        {
            case WebhookReply.ReplyKind.Hang:
                using (var end = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, context.RequestAborted))
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                context.Abort();
                break;
            case WebhookReply.ReplyKind.Drip:
                context.Response.StatusCode = chosen.StatusCode;
                await DripAsync(context);
                break;
            case WebhookReply.ReplyKind.Close:
                context.Abort();
                break;
            default:
                context.Response.StatusCode = chosen.StatusCode;
                context.Response.Headers.Date = timeProvider.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
                foreach (var (name, value) in chosen.Headers)
                {
                    context.Response.Headers[name] = value;
                }

                if (chosen.Body.Length > 0)
                {
                    await context.Response.WriteAsync(chosen.Body, context.RequestAborted);
                }

                break;
        }
    }

    private async Task DripAsync(HttpContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, context.RequestAborted);
        while (!end.IsCancellationRequested)
        {
            await context.Response.WriteAsync(".", CancellationToken.None);
            await context.Response.Body.FlushAsync(CancellationToken.None);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        context.Abort();
    }

    private void Record(WebhookRequest request)
    {
        lock (gate)
        {
            requests.Add(request);
            arrived.SetResult();
            arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    // Written from docs/notifications.md, not from the sender's code, so that the two hold each other to it.
    private static bool IsSigned(IHeaderDictionary headers, byte[] body, string secret)
    {
        var timestamp = headers["X-Pipeline-Timestamp"].ToString();
        var signed = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{timestamp}.{Encoding.UTF8.GetString(body)}"));
        var expected = "v1=" + Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed)).ToLowerInvariant();
        return timestamp.Length > 0 && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(headers["X-Pipeline-Signature"].ToString()));
    }
}
