using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Postmortems;

public enum PostmortemReaction
{
    None,
    Begin,

    /// <summary>This severity asks for no postmortem.</summary>
    NotWanted,
    Suspend,
}

/// <summary>Begins a postmortem with every resolve that asks for one, and suspends it when the incident comes back.</summary>
internal sealed class PostmortemSubscriber(
    IOrchestrationClient orchestrations, ProcessStarter processes, PostmortemConfiguration configuration) : IIncidentSubscriber
{
    private readonly PostmortemTimes times = PostmortemTimes.Of(configuration);

    /// <param name="worst">That the incident ever was.</param>
    /// <param name="wanted">The severities of the configuration.</param>
    public static PostmortemReaction Decide(IncidentSignalKind kind, Severity worst, IReadOnlyList<Severity> wanted) => kind switch
    {
        IncidentSignalKind.Resolved => wanted.Contains(worst) ? PostmortemReaction.Begin : PostmortemReaction.NotWanted,
        IncidentSignalKind.Reopened => PostmortemReaction.Suspend,
        _ => PostmortemReaction.None,
    };

    public Task HandleAsync(Incident incident, IncidentSignal signal, CancellationToken cancellationToken)
    {
        switch (Decide(signal.Kind, incident.Worst, configuration.Severities))
        {
            case PostmortemReaction.Begin:
                var state = new PostmortemState(incident.Id, signal.Round, signal.At, times);
                return processes.StartAsync(
                    PostmortemOrchestration.Name, InstanceId(incident, signal.Round), state, incident, signal, cancellationToken);
            case PostmortemReaction.Suspend:
                var happened = IncidentEvent.Of(incident, signal);
                return orchestrations.RaiseEventAsync(InstanceId(incident, signal.Round - 1), IncidentEvent.EventName, happened, cancellationToken);
            default:
                return Task.CompletedTask;
        }
    }

    private static string InstanceId(Incident incident, int round) => Incident.InstanceId(PostmortemOrchestration.Name, incident.Id, round);
}
