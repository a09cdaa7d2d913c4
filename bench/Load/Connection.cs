using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Pipeline.Bench.Load;

/// <summary>What came of one post.</summary>
/// <param name="Status">0 where the connection broke.</param>
/// <param name="Due">Stopwatch ticks from which its latency counts.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PostOutcome(int Status, long Due, long Answered);

/// <summary>
/// One kept-alive connection with at most one request under way. Meant to be driven by the thread that polls the sockets (see <c>Program</c>), so
/// that an answer leads to the next request without a change of threads.
/// </summary>
internal sealed class Connection : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly SocketAsyncEventArgs receive = new();
    private readonly byte[] buffer = new byte[64 * 1024];
    private readonly Func<Connection, PostOutcome, bool> next;
    private int received;
    private long due;

    /// <param name="next">Told of every outcome; true where it has sent the next request on this connection already.</param>
    public Connection(EndPoint target, AlertRequest request, Func<Connection, PostOutcome, bool> next)
    {
        Request = request.Copy();
        this.next = next;
        socket.Connect(target);
        receive.Completed += (_, _) => OnReceived();
    }

    public AlertRequest Request { get; }

    /// <summary>Sends the request and begins to wait for its answer. To be called on an idle connection.</summary>
    public void Post(long dueAt)
    {
        Send(dueAt);
        if (!Receive())
        {
            OnReceived();
        }
    }

    /// <summary>Sends the request; only for use inside <c>next</c>, where the wait goes on by itself.</summary>
    public void Send(long dueAt)
    {
        due = dueAt;
        received = 0;
        var left = Request.Bytes.Span;
        while (left.Length > 0)
        {
            left = left[socket.Send(left)..];
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        receive.Dispose();
    }

    private bool Receive()
    {
        receive.SetBuffer(buffer, received, buffer.Length - received);
        return socket.ReceiveAsync(receive);
    }

    private void OnReceived()
    {
        do
        {
            if (receive.SocketError != SocketError.Success || receive.BytesTransferred == 0)
            {
                next(this, new PostOutcome(0, due, Stopwatch.GetTimestamp()));
                return;
            }

            received += receive.BytesTransferred;
            if (AnswerReader.TryRead(buffer.AsSpan(0, received), out var status) && !next(this, new PostOutcome(status, due, Stopwatch.GetTimestamp())))
            {
                return;
            }
        }
        while (!Receive());
    }
}
