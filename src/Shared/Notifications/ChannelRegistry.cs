using Pipeline.Hosting;
using Pipeline.Notifications.Console;
using Pipeline.Notifications.Webhook;

namespace Pipeline.Notifications;

/// <param name="Timeout">Of one attempt.</param>
internal sealed record ConfiguredChannel(string Name, INotificationChannel Channel, TimeSpan Timeout);

/// <summary>The channels of the configuration, ready to send. A channel <c>console</c> is always among them.</summary>
internal sealed class ChannelRegistry : IDisposable
{
    public const string ConsoleName = "console";

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient httpClient;

    private ChannelRegistry(HttpClient httpClient, IReadOnlyList<ConfiguredChannel> channels)
    {
        this.httpClient = httpClient;
        Channels = channels;
    }

    public IReadOnlyList<ConfiguredChannel> Channels { get; }

    /// <summary>Throws <see cref="InvalidOperationException"/> for a channel that can't be built, saying which and what to do.</summary>
    /// <param name="configured">By name.</param>
    /// <param name="resolveSecret">From a reference such as <c>env:HOOK_SECRET</c> to the secret, or null where there is none.</param>
    /// <param name="console">Where the channel <c>console</c> writes.</param>
    /// <param name="webhookClient">Disposed with the registry; null makes one by <see cref="WebhookChannel.CreateClient"/>.</param>
    public static ChannelRegistry Create(
        IReadOnlyDictionary<string, ChannelConfiguration> configured,
        Func<string, string?> resolveSecret,
        TextWriter console,
        TimeProvider timeProvider,
        HttpClient? webhookClient = null)
    {
        var client = webhookClient ?? WebhookChannel.CreateClient();
        var output = new ConsoleOutput(console);
        var channels = new List<ConfiguredChannel>();
        try
        {
            foreach (var (name, configuration) in configured)
            {
                INotificationChannel channel = configuration.Kind switch
                {
                    ChannelKind.Webhook => new WebhookChannel(client, EndpointOf(name, configuration, resolveSecret), timeProvider),
                    ChannelKind.Console => new ConsoleChannel(output),
                    _ => throw new InvalidOperationException(
                        $"Channel '{name}' is of a kind that this program can't send to. Write kind: console or kind: webhook."),
                };
                channels.Add(new ConfiguredChannel(name, channel, configuration.Timeout ?? DefaultTimeout));
            }
        }
        catch
        {
            client.Dispose();
            throw;
        }

        if (!configured.ContainsKey(ConsoleName))
        {
            channels.Add(new ConfiguredChannel(ConsoleName, new ConsoleChannel(output), DefaultTimeout));
        }

        return new ChannelRegistry(client, channels);
    }

    public void Dispose() => httpClient.Dispose();

    private static WebhookEndpoint EndpointOf(string name, ChannelConfiguration configuration, Func<string, string?> resolveSecret)
    {
        if (configuration.Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" } url)
        {
            throw new InvalidOperationException($"Channel '{name}' is a webhook and needs a url that starts with http:// or https://.");
        }

        if (configuration.Secret is null)
        {
            return new WebhookEndpoint(url, Secret: null);
        }

        // The reference isn't repeated here: somebody may have written the secret itself in its place.
        return resolveSecret(configuration.Secret) is { Length: > 0 } secret
            ? new WebhookEndpoint(url, secret)
            : throw new InvalidOperationException(
                $"Channel '{name}': its secret can't be found. Write a reference such as env:HOOK_SECRET, and set that variable where this program starts.");
    }
}
