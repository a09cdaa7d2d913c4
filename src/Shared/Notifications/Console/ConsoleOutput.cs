namespace Pipeline.Notifications.Console;

/// <summary>
/// Writes texts one after the other on a thread of its own, because a pipe that nobody reads holds its writer for as long as that lasts:
/// a thread of the pool would be missing to pages and posts.
/// </summary>
/// <param name="writer">Used by that thread only.</param>
internal sealed class ConsoleOutput(TextWriter writer)
{
    private readonly Lock gate = new();
    private readonly LinkedList<PendingText> waiting = new();
    private bool isWriting;

    /// <summary>Completes when the text is written. A cancelled one that the thread hasn't begun is never written.</summary>
    /// <exception cref="IOException">It can't be written, as when the reader of a pipe is gone.</exception>
    public async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pending = new PendingText(text);
        lock (gate)
        {
            waiting.AddLast(pending);
            if (!isWriting)
            {
                isWriting = true;
                new Thread(WriteWaiting) { IsBackground = true, Name = "console-output" }.Start();
            }
        }

        try
        {
            await pending.Written.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (gate)
            {
                waiting.Remove(pending);
            }
        }
    }

    private void WriteWaiting()
    {
        while (TryTakeNext() is { } pending)
        {
            try
            {
                writer.Write(pending.Text);
                writer.Flush();
                pending.Written.TrySetResult();
            }
            catch (Exception exception)
            {
                pending.Written.TrySetException(exception);
            }
        }
    }

    private PendingText? TryTakeNext()
    {
        lock (gate)
        {
            var next = waiting.First?.Value;
            isWriting = next is not null;
            if (isWriting)
            {
                waiting.RemoveFirst();
            }

            return next;
        }
    }

    private sealed record PendingText(string Text)
    {
        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
