using Azure.Core;
using Azure.Identity;

namespace Pipeline.Functions.Hosting;

/// <summary>Who the app is to other services of Azure.</summary>
internal static class AzureCredential
{
    /// <param name="clientId">Of a user-assigned identity. Null or empty: what the machine offers, which on a developer's is their own login.</param>
    public static TokenCredential Of(string? clientId) => string.IsNullOrEmpty(clientId)
        ? new DefaultAzureCredential()
        : new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId));
}
