using Microsoft.DurableTask.Client;

namespace Pipeline.Functions.Durable;

/// <summary>
/// The durable client of the function that runs now. The host binds one to each function; what the function calls finds it here.
/// </summary>
internal sealed class DurableClientScope
{
    private readonly AsyncLocal<DurableTaskClient?> current = new();

    /// <exception cref="InvalidOperationException">The function that runs has no durable client bound.</exception>
    public DurableTaskClient Current => current.Value
        ?? throw new InvalidOperationException("No durable client is bound to this function. Give its trigger a [DurableClient] parameter and enter the scope with it.");

    /// <summary>Holds for the calls made from here on, until their caller returns.</summary>
    public void Enter(DurableTaskClient client) => current.Value = client;
}
