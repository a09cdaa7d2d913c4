using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.orchestrationtriggerattribute</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class OrchestrationTriggerAttribute : TriggerBindingAttribute
{
    public string? Orchestration { get; set; }
}

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.activitytriggerattribute</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ActivityTriggerAttribute : TriggerBindingAttribute
{
    public string? Activity { get; set; }
}

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.durableclientattribute</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class DurableClientAttribute : InputBindingAttribute
{
    public string? TaskHub { get; set; }
}
