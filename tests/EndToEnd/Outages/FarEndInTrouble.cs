using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd.Outages;

/// <summary>A far end that is away in one of the ways, until it recovers on the same port.</summary>
internal sealed class FarEndInTrouble : IAsyncDisposable
{
    private static readonly X509Certificate2 Certificate = CreateCertificate();

    private readonly OutageKind kind;
    private readonly int port;
    private readonly CancellationTokenSource recovered = new();
    private readonly TcpListener? listener;
    private LoopbackWebhook? webhook;

    private FarEndInTrouble(OutageKind kind)
    {
        this.kind = kind;
        port = FreePort.Next();
        if (IsTls)
        {
            listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            _ = AcceptAsync(listener);
        }
    }

    public Uri Url => new($"{(IsTls ? "https" : "http")}://127.0.0.1:{port}/");

    /// <summary>What it answered with 2xx, repeated ones too.</summary>
    public IReadOnlyList<WebhookRequest> Taken => [.. webhook?.Requests.Where(request => request.IsTaken) ?? []];

    private bool IsTls => kind is OutageKind.TlsFailure or OutageKind.TlsSilence;

    public static async Task<FarEndInTrouble> StartAsync(OutageKind kind, CancellationToken cancellationToken)
    {
        var farEnd = new FarEndInTrouble(kind);
        WebhookReply? reply = kind switch
        {
            OutageKind.Broken => WebhookReply.Status(500),
            OutageKind.Busy => WebhookReply.RetryAfter("7"),
            OutageKind.Silent => WebhookReply.Hang,
            OutageKind.EndlessBody => WebhookReply.EndlessBody,
            _ => null,
        };
        if (reply is not null)
        {
            farEnd.webhook = await LoopbackWebhook.StartAsync(port: farEnd.port, cancellationToken: cancellationToken);
            farEnd.webhook.Reply = reply;
        }

        return farEnd;
    }

    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await recovered.CancelAsync();
        listener?.Stop();
        webhook ??= await LoopbackWebhook.StartAsync(port: port, certificate: IsTls ? Certificate : null, cancellationToken: cancellationToken);
        webhook.Reply = WebhookReply.Ok;
    }

    public async ValueTask DisposeAsync()
    {
        await recovered.CancelAsync();
        listener?.Dispose();
        if (webhook is not null)
        {
            await webhook.DisposeAsync();
        }

        recovered.Dispose();
    }

    private async Task AcceptAsync(TcpListener accepting)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await accepting.AcceptTcpClientAsync(recovered.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It has recovered.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (kind == OutageKind.TlsFailure)
                {
                    await client.GetStream().WriteAsync("220 this is a mail server\r\n"u8.ToArray(), recovered.Token);
                    return;
                }

                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, recovered.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // The client has gone, or it has recovered.
            }
        }
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }
}
