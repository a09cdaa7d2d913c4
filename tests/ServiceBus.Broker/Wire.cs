using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Pipeline.Tests.ServiceBus;

/// <summary>The port that clients know. It passes bytes to the broker behind it, or doesn't.</summary>
public sealed class Wire : IDisposable
{
    private readonly TcpListener front = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> open = new();
    private readonly int behind;
    private volatile TaskCompletionSource? hush;

    internal Wire(int behind)
    {
        this.behind = behind;
        front.Start();
        Port = ((IPEndPoint)front.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Connections are taken and at once closed again.</summary>
    public bool Refuses { get; set; }

    /// <summary>From now on no byte passes either way, on open connections and on new ones, until <see cref="Resume"/>.</summary>
    public void Hush() => hush = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Resume() => Interlocked.Exchange(ref hush, null)?.SetResult();

    /// <summary>Breaks every open connection without a word.</summary>
    public void Cut()
    {
        foreach (var socket in open.Keys)
        {
            socket.Close(0);
        }
    }

    public void Dispose()
    {
        front.Dispose();
        Resume();
        Cut();
    }

    private static bool IsClosed(Exception exception) => exception is SocketException or ObjectDisposedException or InvalidOperationException;

    private async Task AcceptAsync()
    {
        try
        {
            while (await front.AcceptSocketAsync() is { } client)
            {
                _ = ServeAsync(client);
            }
        }
        catch (Exception exception) when (IsClosed(exception))
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var broker = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        open[client] = open[broker] = true;
        try
        {
            if (!Refuses)
            {
                await broker.ConnectAsync(IPAddress.Loopback, behind);
                await await Task.WhenAny(PassAsync(client, broker), PassAsync(broker, client));
            }
        }
        catch (Exception exception) when (IsClosed(exception))
        {
            // Both ends are closed below.
        }
        finally
        {
            client.Close(0);
            open.TryRemove(client, out _);
            open.TryRemove(broker, out _);
        }
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer) is var count and > 0)
        {
            await (hush?.Task ?? Task.CompletedTask);
            await to.SendAsync(buffer.AsMemory(0, count));
        }
    }
}
