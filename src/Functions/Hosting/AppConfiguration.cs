using Microsoft.Extensions.Configuration;
using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;

namespace Pipeline.Functions.Hosting;

/// <summary>The <c>pipeline.yaml</c> of the app.</summary>
internal static class AppConfiguration
{
    public const string DefaultFile = "pipeline.yaml";

    /// <exception cref="InvalidOperationException">The file has problems, or lets nobody in; the message says what to do, and holds no secret.</exception>
    /// <param name="warnings">Takes a line for each thing that is most likely not meant so.</param>
    public static PipelineConfiguration Read(IConfiguration settings, string folder, TextWriter warnings)
    {
        var path = Path.Combine(folder, settings[AzureSettings.Configuration] is { Length: > 0 } named ? named : DefaultFile);
        var result = ConfigurationReader.ReadFile(path, name => settings[name]);
        if (result.Configuration is not { } configuration)
        {
            throw new InvalidOperationException($"{path} can't be used:{Environment.NewLine}{string.Join(Environment.NewLine, result.Problems)}");
        }

        foreach (var warning in result.Warnings)
        {
            warnings.WriteLine(warning);
        }

        if (configuration.Access.Tokens.Count == 0)
        {
            // Every request comes to the worker from the host on the same machine, so "only from this machine" would be everybody.
            throw new InvalidOperationException($"{path} has no token under access.tokens. An app in Azure is reached by everybody; name at least one, as docs/azure.md shows.");
        }

        return ReachedBy(settings) is { } address ? configuration.ReachedBy(address) : configuration;
    }

    /// <summary>App Service says by which name it serves the app; the tools on one's own machine say <c>localhost</c> and a port.</summary>
    private static Uri? ReachedBy(IConfiguration settings) =>
        settings[AzureSettings.SiteName] is { Length: > 0 } host
        && Uri.TryCreate($"{SchemeOf(host)}://{host}", UriKind.Absolute, out var address)
            ? address
            : null;

    private static string SchemeOf(string host) =>
        host.StartsWith("localhost", StringComparison.OrdinalIgnoreCase) ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
}
