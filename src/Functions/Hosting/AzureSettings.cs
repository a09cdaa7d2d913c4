namespace Pipeline.Functions.Hosting;

/// <summary>
/// Every setting that the app or the Functions host reads for it. What <c>pipeline.yaml</c> names as <c>env:NAME</c> comes on top.
/// A connection is a connection string, or an identity-based connection in several settings:
/// https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection
/// </summary>
public static class AzureSettings
{
    /// <summary>The storage account that the host and Durable Functions keep their own things in.</summary>
    public const string HostStorage = "AzureWebJobsStorage";

    /// <summary>The Service Bus namespace.</summary>
    public const string ServiceBus = "ServiceBus";

    /// <summary>The storage account of the pipeline's table.</summary>
    public const string Tables = "PipelineTables";

    /// <summary>Path of the configuration file; relative to the app's folder. Default: <c>pipeline.yaml</c>.</summary>
    public const string Configuration = "PIPELINE_CONFIG";

    /// <summary>Where telemetry goes; without it none leaves.</summary>
    public const string ApplicationInsights = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    /// <summary>How the host, and the app with its client id, prove who they are to Application Insights.</summary>
    public const string ApplicationInsightsAuthentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>The name that the app is reached by; App Service sets it.</summary>
    public const string SiteName = "WEBSITE_HOSTNAME";

    /// <summary>What a deployment with a managed identity sets, all of it.</summary>
    public static IReadOnlyList<string> OfADeployment { get; } =
    [
        $"{HostStorage}__accountName", $"{HostStorage}__credential", $"{HostStorage}__clientId",
        $"{ServiceBus}__fullyQualifiedNamespace", $"{ServiceBus}__credential", $"{ServiceBus}__clientId",
        $"{Tables}__accountName", $"{Tables}__clientId",
        Configuration, ApplicationInsights, ApplicationInsightsAuthentication,
    ];
}
