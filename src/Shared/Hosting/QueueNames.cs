namespace Pipeline.Hosting;

/// <summary>The two queues, also the keys that hosts register them under.</summary>
public static class QueueNames
{
    /// <summary>One message an alert; session = correlation key.</summary>
    public const string Alerts = "alerts";

    /// <summary>One message a notification; session = channel.</summary>
    public const string Notifications = "notifications";

    public static IReadOnlyList<string> All { get; } = [Alerts, Notifications];
}
