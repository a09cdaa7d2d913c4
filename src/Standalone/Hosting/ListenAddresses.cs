using System.Net;
using Microsoft.AspNetCore.Http;
using Pipeline.Api;

namespace Pipeline.Standalone.Hosting;

/// <summary>Where the program may listen, and by which name others reach it there.</summary>
internal static class ListenAddresses
{
    private const string Example = "write for example http://localhost:7071";

    /// <param name="urls">Separated by semicolons.</param>
    /// <param name="isOpen">No token is configured: only loopback addresses are served.</param>
    /// <exception cref="InvalidOperationException">An address can't be read, or is open to others without a token.</exception>
    public static string[] Decide(string urls, bool isOpen)
    {
        var addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.Length == 0)
        {
            throw new InvalidOperationException($"--urls names no address; {Example}.");
        }

        foreach (var address in addresses)
        {
            if (address.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException($"--urls: '{address}' asks for TLS, which this program leaves to a proxy before it. Listen on http and let the proxy hold the certificate.");
            }

            if (Read(address) is not { } parsed)
            {
                throw new InvalidOperationException($"--urls: '{address}' is no address to listen on; {Example}.");
            }

            if (parsed.PathBase.Length > 0)
            {
                throw new InvalidOperationException($"--urls: '{address}' has a path, and only a whole port can be listened on; write {parsed.Scheme}://{parsed.Host}:{parsed.Port}, and the path as server.path_base.");
            }

            if (parsed.Port == 0 && string.Equals(parsed.Host, "localhost", StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException($"--urls: '{address}' asks for any free port, which needs a numeric address; write http://127.0.0.1:0.");
            }

            if (isOpen && !Access.IsLoopbackHost(parsed.Host))
            {
                throw new InvalidOperationException(
                    $"'{address}' is open to other machines, and no token is configured. Add one under access.tokens, or listen on http://localhost:7071.");
            }
        }

        return addresses;
    }

    /// <summary>The address by which people reach the program: an address that stands for every one of the machine's is replaced by its name.</summary>
    /// <param name="address">One that <see cref="Decide"/> took.</param>
    public static Uri Reachable(string address, string machineName)
    {
        var parsed = BindingAddress.Parse(address);
        var host = IsEveryAddress(parsed.Host) ? machineName : parsed.Host;
        return new UriBuilder(Uri.UriSchemeHttp, host, parsed.Port).Uri;
    }

    private static BindingAddress? Read(string address)
    {
        try
        {
            return address.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
                && BindingAddress.Parse(address) is { Host.Length: > 0, Port: >= 0 and <= 65535 } read
                && (read.Host.StartsWith('[') || !read.Host.Contains(':', StringComparison.Ordinal)) // a port that is no number counts as part of the host
                    ? read
                    : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static bool IsEveryAddress(string host) =>
        host is "*" or "+" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));
}
