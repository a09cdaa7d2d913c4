using System.Collections.Concurrent;
using Microsoft.Azure.Amqp;

namespace Pipeline.Tests.ServiceBus;

/// <summary>What a client asks of the broker, and the broker may answer otherwise than it should.</summary>
public enum FaultPoint
{
    /// <summary>A link that a sender or a receiver opens.</summary>
    Attach,

    /// <summary>A message, or a batch of them, on its way to a queue.</summary>
    Send,

    /// <summary>Completing, abandoning, dead-lettering.</summary>
    Settle,

    /// <summary>A request to a queue's <c>$management</c>.</summary>
    Request,

    /// <summary>A token put to <c>$cbs</c>, which has one refusal only: 401.</summary>
    Token,
}

public enum FaultKind
{
    /// <summary>None: what comes then is as it should be.</summary>
    Pass,

    /// <summary>No answer, ever.</summary>
    Silence,

    /// <summary>No answer, ever, to what was done.</summary>
    LostAnswer,

    /// <summary>An answer with an error condition, or <see cref="Faults.Released"/>.</summary>
    Refusal,

    /// <summary>The link is closed with an error condition.</summary>
    Detach,

    /// <summary>All connections break.</summary>
    Cut,
}

/// <param name="Condition">An AMQP error condition, such as <see cref="Faults.ServerBusy"/>.</param>
public sealed record Fault(FaultKind Kind, string Condition = "");

/// <summary>The faults to come at each point: those once, in order, then the one that stays.</summary>
public sealed class Faults(Wire wire)
{
    public const string ServerBusy = "com.microsoft:server-busy";

    /// <summary>Not a condition but an outcome: the message was neither taken nor refused.</summary>
    public const string Released = "released";

    private readonly ConcurrentDictionary<FaultPoint, ConcurrentQueue<Fault>> next = new();
    private readonly ConcurrentDictionary<FaultPoint, Fault> always = new();

    public void Next(FaultPoint point, Fault fault) => next.GetOrAdd(point, _ => new()).Enqueue(fault);

    public void Always(FaultPoint point, Fault fault) => always[point] = fault;

    public void Clear()
    {
        next.Clear();
        always.Clear();
    }

    /// <summary>Does what the script says. True where there is then nothing to answer.</summary>
    /// <param name="act">What was asked for; done where only the answer is to be lost.</param>
    /// <exception cref="AmqpException">The answer is a refusal.</exception>
    internal bool TakesOver(FaultPoint point, AmqpLink link, Action? act = null)
    {
        var fault = next.TryGetValue(point, out var queue) && queue.TryDequeue(out var first) ? first : always.GetValueOrDefault(point);
        switch (fault?.Kind)
        {
            case FaultKind.LostAnswer:
                act?.Invoke();
                break;
            case FaultKind.Refusal:
                throw new AmqpException(fault.Condition, "as the test says");
            case FaultKind.Detach:
                link.SafeClose(new AmqpException(fault.Condition, "as the test says"));
                break;
            case FaultKind.Cut:
                wire.Cut();
                break;
        }

        return fault is { Kind: not FaultKind.Pass };
    }
}
