namespace Azure.Data.Tables;

/// <summary>
/// Account, key and endpoint out of a connection string.
/// https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
/// </summary>
internal sealed record ConnectionString(string AccountName, string AccountKey, Uri Endpoint)
{
    // The account that every emulator has; the key is public.
    private static readonly ConnectionString Development = new(
        "devstoreaccount1",
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
        new Uri("http://127.0.0.1:10002/devstoreaccount1"));

    public static ConnectionString Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var settings = Settings(text);
        if (settings.GetValueOrDefault("UseDevelopmentStorage") is { } useIt && bool.TryParse(useIt, out var isDevelopment) && isDevelopment)
        {
            return Development;
        }

        var account = Required(settings, "AccountName");
        return new ConnectionString(account, Required(settings, "AccountKey"), EndpointOf(settings, account));
    }

    private static Dictionary<string, string> Settings(string text)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var pair = setting.Split('=', 2);
            if (pair.Length != 2)
            {
                throw new FormatException("Settings must be of the form \"name=value\".");
            }

            settings[pair[0]] = pair[1];
        }

        return settings;
    }

    private static Uri EndpointOf(Dictionary<string, string> settings, string account)
    {
        var address = settings.GetValueOrDefault("TableEndpoint")
            ?? $"{settings.GetValueOrDefault("DefaultEndpointsProtocol", "https")}://{account}.table.{settings.GetValueOrDefault("EndpointSuffix", "core.windows.net")}";
        return Uri.TryCreate(address, UriKind.Absolute, out var endpoint) ? endpoint : throw new FormatException("The table endpoint is no address.");
    }

    private static string Required(Dictionary<string, string> settings, string name) =>
        settings.GetValueOrDefault(name) ?? throw new FormatException($"No valid combination of account information found: {name} is missing.");
}
