using System.Diagnostics.CodeAnalysis;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.authorizationlevel</summary>
public enum AuthorizationLevel
{
    Anonymous = 0,
    User = 1,
    Function = 2,
    System = 3,
    Admin = 4,
}

/// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.httptriggerattribute</summary>
[AttributeUsage(AttributeTargets.Parameter)]
[SuppressMessage("Performance", "CA1819:Properties should not return arrays", Justification = "The shape of the package.")]
public sealed class HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) : TriggerBindingAttribute
{
    public AuthorizationLevel AuthLevel { get; } = authLevel;

    public string[]? Methods { get; } = methods;

    public string? Route { get; set; }
}
