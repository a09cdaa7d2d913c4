using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Pipeline.Functions.Hosting;

/// <summary>Decides what the app does where it was built on the stand-in of the Service Bus extension.</summary>
internal enum StandInMeaning
{
    /// <summary>It has the official package, or no Functions host runs it.</summary>
    Nothing,

    /// <summary>Somebody tries it on their own machine.</summary>
    Warn,

    /// <summary>It would accept alerts and never handle them.</summary>
    Refuse,
}

/// <summary>
/// Keeps an app from running in Azure on the stand-in, which receives no message. The build refuses to publish it; tools that build into a
/// folder and upload that, as <c>func azure functionapp publish</c> does, pass the build by.
/// </summary>
internal static class StandIn
{
    private static bool IsUsed => typeof(ServiceBusTriggerAttribute).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Any(one => one is { Key: "Pipeline.StandIn", Value: "true" });

    /// <param name="console">Hears a warning on one's own machine.</param>
    /// <exception cref="InvalidOperationException">The app runs in Azure on the stand-in.</exception>
    public static void Check(IConfiguration settings, TextWriter console)
    {
        var meaning = Decide(IsUsed, settings[AzureSettings.SiteName]);
        if (meaning == StandInMeaning.Refuse)
        {
            throw new InvalidOperationException(
                "The app doesn't start: instead of Microsoft.Azure.Functions.Worker.Extensions.ServiceBus it has a stand-in, which receives no message, "
                + "so alerts would be accepted in Azure and never handled. Publish with -p:OfficialServiceBus=true (or set the environment variable "
                + "OfficialServiceBus to true), from a package feed that serves the official package.");
        }

        if (meaning == StandInMeaning.Warn)
        {
            console.WriteLine(
                "Warning: the app is built on a stand-in of Microsoft.Azure.Functions.Worker.Extensions.ServiceBus and receives no message: alerts are "
                + "accepted and not handled. Set the environment variable OfficialServiceBus to true and build again.");
        }
    }

    /// <param name="siteName">The setting WEBSITE_HOSTNAME, with or without a port.</param>
    internal static StandInMeaning Decide(bool isUsed, string? siteName) => siteName switch
    {
        _ when !isUsed => StandInMeaning.Nothing,
        null or "" => StandInMeaning.Nothing,
        _ when siteName.Split(':')[0] is "localhost" or "127.0.0.1" or "0.0.0.0" => StandInMeaning.Warn,
        _ => StandInMeaning.Refuse,
    };
}
