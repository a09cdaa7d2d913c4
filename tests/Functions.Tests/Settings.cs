using Microsoft.Extensions.Configuration;

namespace Pipeline.Functions.Tests;

internal static class Settings
{
    /// <summary>App settings as the host reads them: a name's <c>__</c> stands for the configuration's <c>:</c>.</summary>
    public static IConfiguration Of(params IEnumerable<(string Name, string? Value)> settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name.Replace("__", ":", StringComparison.Ordinal), setting.Value)))
            .Build();
}
