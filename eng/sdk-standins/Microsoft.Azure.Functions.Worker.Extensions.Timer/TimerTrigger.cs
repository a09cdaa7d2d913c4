using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.timertriggerattribute</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : TriggerBindingAttribute
{
    public string Schedule { get; } = schedule;

    public bool UseMonitor { get; set; } = true;
}

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.timerinfo</summary>
public class TimerInfo
{
    public bool IsPastDue { get; set; }
}
