using System.IO.Pipelines;

namespace Pipeline.Api;

/// <summary>
/// Ends the wait for a body when its time is over. It cancels the pending read and not the call of it: the server's reader stays usable, so
/// that the sender can be answered.
/// </summary>
internal sealed class BodyDeadline : IDisposable
{
    private readonly Lock gate = new();
    private readonly PipeReader reader;
    private readonly ITimer timer;
    private bool isMet;
    private bool isOver;

    public BodyDeadline(PipeReader reader, TimeSpan within, TimeProvider time)
    {
        this.reader = reader;
        timer = time.CreateTimer(_ => End(), null, within, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Returns whether the body came in time. From then on no read is cancelled: the next one belongs to another request.</summary>
    public bool TryMeet()
    {
        lock (gate)
        {
            isMet = true;
            return !isOver;
        }
    }

    public void Dispose()
    {
        TryMeet();
        timer.Dispose();
    }

    private void End()
    {
        lock (gate)
        {
            if (!isMet)
            {
                isOver = true;
                reader.CancelPendingRead();
            }
        }
    }
}
