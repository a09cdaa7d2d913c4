using Pipeline.Runtime;

namespace Pipeline.Incidents;

/// <summary>What the instance that has a wanted process's id is to that process.</summary>
public enum IdUse
{
    /// <summary>There is none.</summary>
    Free,

    /// <summary>It is that process, and it runs: it was asked for before.</summary>
    Running,

    /// <summary>It is that process, and it came to its end.</summary>
    Completed,

    /// <summary>It is that process; a fault or a person ended it before its end.</summary>
    Broken,

    /// <summary>
    /// It began before there was a reason to: the table was made anew, restored or moved, and the task hub was kept. It knows another incident.
    /// </summary>
    LeftOver,
}

/// <summary>Decides on instances that have an id already.</summary>
public static class IdUses
{
    /// <summary>Between the clocks of the process that changed the incident and of the one that started the instance.</summary>
    public static readonly TimeSpan MaxClockDifference = TimeSpan.FromMinutes(1);

    /// <param name="wantedSince">When the process was first wanted; its own instance was created after that.</param>
    public static IdUse Decide(OrchestrationInstance? instance, DateTimeOffset wantedSince) => instance switch
    {
        null => IdUse.Free,
        _ when instance.CreatedTime < wantedSince - MaxClockDifference => IdUse.LeftOver,
        { RuntimeStatus: OrchestrationStatus.Completed } => IdUse.Completed,
        { IsRunning: true } => IdUse.Running,
        _ => IdUse.Broken,
    };

    /// <summary>Whether a process that was begun is gone before its end, or never was. One that was terminated was ended on purpose.</summary>
    public static bool IsLost(OrchestrationInstance? instance, DateTimeOffset wantedSince) => Decide(instance, wantedSince) switch
    {
        IdUse.Free or IdUse.LeftOver => true,
        IdUse.Broken => instance?.RuntimeStatus != OrchestrationStatus.Terminated,
        _ => false,
    };

    /// <summary>Returns the first half of a timeline entry: what was found, with its id.</summary>
    public static string Words(this IdUse use, string instanceId) => use switch
    {
        IdUse.LeftOver => $"{instanceId} was left over from an earlier incident of this number",
        IdUse.Broken => $"{instanceId} had failed or was terminated",
        IdUse.Completed => $"{instanceId} had ended",
        IdUse.Running => $"{instanceId} ran",
        _ => $"{instanceId} was missing",
    };
}
