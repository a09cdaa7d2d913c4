namespace Microsoft.Azure.Functions.Worker
{
    /// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.functionattribute</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class FunctionAttribute(string name) : Attribute
    {
        public string Name { get; } = name;
    }
}

namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions
{
    /// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.extensions.abstractions.bindingattribute</summary>
    public abstract class BindingAttribute : Attribute;

    /// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.extensions.abstractions.triggerbindingattribute</summary>
    public abstract class TriggerBindingAttribute : BindingAttribute;

    /// <summary>https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.extensions.abstractions.inputbindingattribute</summary>
    public abstract class InputBindingAttribute : BindingAttribute;

    /// <summary>Read by the worker's source generator. https://learn.microsoft.com/dotnet/api/microsoft.azure.functions.worker.extensions.abstractions.defaultvalueattribute</summary>
    [AttributeUsage(AttributeTargets.Property)]
    public class DefaultValueAttribute(bool boolDefault) : Attribute
    {
        public bool? DefaultBoolValue { get; } = boolDefault;
    }
}
