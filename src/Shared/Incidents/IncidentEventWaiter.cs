using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>
/// How a long-lived orchestration waits for its incident: one waiter, kept over all turns, because an abandoned one would take the next event.
/// </summary>
internal sealed class IncidentEventWaiter(IOrchestrationContext context) : IDisposable
{
    private readonly CancellationTokenSource closing = new();
    private Task<IncidentEvent>? next;

    /// <summary>The next event, or null once <paramref name="at"/> has come. Null for <paramref name="at"/> waits for the event alone. An event goes first.</summary>
    public async Task<IncidentEvent?> WaitUntilAsync(DateTimeOffset? at)
    {
        next ??= context.WaitForExternalEvent<IncidentEvent>(IncidentEvent.EventName, closing.Token);
        if (at is { } due && !next.IsCompleted
            && (due <= context.CurrentUtcDateTime || await context.WhenAnyUntil(due, next).ConfigureAwait(true) is null))
        {
            return null;
        }

        var happened = await next.ConfigureAwait(true);
        next = null;
        return happened;
    }

    /// <summary>
    /// Gives up waiting before the orchestration starts anew. False where an event has come already: it is to be handled first, or it would be lost.
    /// </summary>
    public bool TryClose()
    {
        if (next is { IsCompleted: true })
        {
            return false;
        }

        closing.Cancel();
        return true;
    }

    public void Dispose() => closing.Dispose();
}
