namespace Pipeline.Notifications;

/// <summary>Asked before every attempt to page, and before the first once more when it is on record: is it still wanted? An acknowledged or resolved incident pages nobody.</summary>
public interface IPageGate
{
    Task<PageDecision> DecideAsync(Notification page, CancellationToken cancellationToken);
}

public abstract record PageDecision
{
    private PageDecision()
    {
    }

    public sealed record Send : PageDecision;

    /// <param name="Reason">For the receipt, e.g. <c>acknowledged by alice at 09:04</c>.</param>
    public sealed record Withhold(string Reason) : PageDecision;
}
