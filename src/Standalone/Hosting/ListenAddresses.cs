using Microsoft.AspNetCore.Http;
using Pipeline.Api;

namespace Pipeline.Standalone.Hosting;

/// <summary>Where the program may listen.</summary>
internal static class ListenAddresses
{
    /// <param name="urls">Separated by semicolons.</param>
    /// <param name="isOpen">No token is configured: only loopback addresses are served.</param>
    /// <exception cref="InvalidOperationException">An address can't be read, or is open to others without a token.</exception>
    public static string[] Decide(string urls, bool isOpen)
    {
        var addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.Length == 0)
        {
            throw new InvalidOperationException("--urls names no address; write for example http://localhost:7071.");
        }

        foreach (var address in addresses)
        {
            if (!address.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException($"'{address}' is no address to listen on; write for example http://localhost:7071. TLS belongs to a proxy before it.");
            }

            var host = BindingAddress.Parse(address).Host;
            if (isOpen && !Access.IsLoopbackHost(host))
            {
                throw new InvalidOperationException(
                    $"'{address}' is open to other machines, and no token is configured. Add one under access.tokens, or listen on http://localhost:7071.");
            }
        }

        return addresses;
    }
}
