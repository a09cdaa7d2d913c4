using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Pipeline.Communication;
using Pipeline.Escalation;
using Pipeline.Functions.Durable;
using Pipeline.Functions.Hosting;
using Pipeline.Postmortems;

namespace Pipeline.Functions.Triggers;

/// <summary>One trigger an orchestration; their code is Shared's.</summary>
public static class OrchestrationFunctions
{
    [Function(EscalationOrchestration.Name)]
    public static Task<JsonElement?> Escalation([OrchestrationTrigger] TaskOrchestrationContext context) =>
        DurableOrchestrationContext.RunAsync(context, EscalationOrchestration.RunAsync);

    [Function(UpdateCadenceOrchestration.Name)]
    public static Task<JsonElement?> Cadence([OrchestrationTrigger] TaskOrchestrationContext context) =>
        DurableOrchestrationContext.RunAsync(context, UpdateCadenceOrchestration.RunAsync);

    [Function(PostmortemOrchestration.Name)]
    public static Task<JsonElement?> Postmortem([OrchestrationTrigger] TaskOrchestrationContext context) =>
        DurableOrchestrationContext.RunAsync(context, PostmortemOrchestration.RunAsync);
}

/// <summary>One trigger an activity; the catalog has their code.</summary>
public sealed class ActivityFunctions(FunctionServices services)
{
    [Function(EscalationOrchestration.PageActivity)]
    public Task<JsonElement> EscalationPage([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken) =>
        services.RunActivityAsync(EscalationOrchestration.PageActivity, input, durable, cancellationToken);

    [Function(EscalationOrchestration.HoldActivity)]
    public Task<JsonElement> EscalationHold([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken) =>
        services.RunActivityAsync(EscalationOrchestration.HoldActivity, input, durable, cancellationToken);

    [Function(EscalationOrchestration.EndActivity)]
    public Task<JsonElement> EscalationEnd([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken) =>
        services.RunActivityAsync(EscalationOrchestration.EndActivity, input, durable, cancellationToken);

    [Function(UpdateCadenceOrchestration.TellActivity)]
    public Task<JsonElement> CadenceTell([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken) =>
        services.RunActivityAsync(UpdateCadenceOrchestration.TellActivity, input, durable, cancellationToken);

    [Function(PostmortemOrchestration.MilestoneActivity)]
    public Task<JsonElement> PostmortemMilestone([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken) =>
        services.RunActivityAsync(PostmortemOrchestration.MilestoneActivity, input, durable, cancellationToken);

    [Function(PostmortemOrchestration.SuspendActivity)]
    public Task<JsonElement> PostmortemSuspend([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken) =>
        services.RunActivityAsync(PostmortemOrchestration.SuspendActivity, input, durable, cancellationToken);
}
