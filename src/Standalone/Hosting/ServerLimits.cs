using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Pipeline.Standalone.Hosting;

/// <summary>How long the server keeps a connection, and how much it reads ahead of the program.</summary>
internal static class ServerLimits
{
    /// <summary>
    /// Prometheus and Alertmanager keep an idle connection for 5 min (<c>IdleConnTimeout</c> of prometheus/common). A server that closes
    /// it first races with the next post, and Prometheus drops a batch whose connection ends under it.
    /// </summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(10);

    /// <summary>From a request's first byte to the end of its headers.</summary>
    public static readonly TimeSpan Headers = TimeSpan.FromSeconds(30);

    /// <summary>Of one connection. The server's own default of 1 MiB would be a gigabyte for a thousand senders who are made to wait.</summary>
    public const long ReadAheadBytes = 128 * 1024;

    // What takes an answer slower than this for 5 s is cut off; slow bodies have a deadline of their own (intake.body_timeout).
    private static readonly MinDataRate LeastAnswerRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    public static void Apply(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.Limits.KeepAliveTimeout = KeepAlive;
        server.Limits.RequestHeadersTimeout = Headers;
        server.Limits.MaxRequestBufferSize = ReadAheadBytes;
        server.Limits.MinResponseDataRate = LeastAnswerRate;
    }
}
