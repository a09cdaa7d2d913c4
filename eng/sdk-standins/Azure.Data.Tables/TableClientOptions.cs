using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>https://learn.microsoft.com/dotnet/api/azure.data.tables.tableclientoptions</summary>
public class TableClientOptions : ClientOptions
{
    public TableClientOptions(ServiceVersion serviceVersion = ServiceVersion.V2020_12_06)
    {
        Version = serviceVersion switch
        {
            ServiceVersion.V2019_02_02 => "2019-02-02",
            ServiceVersion.V2020_12_06 => "2020-12-06",
            _ => throw new ArgumentOutOfRangeException(nameof(serviceVersion), serviceVersion, message: null),
        };
    }

    /// <summary>https://learn.microsoft.com/dotnet/api/azure.data.tables.tableclientoptions.serviceversion</summary>
    public enum ServiceVersion
    {
        V2019_02_02 = 1,
        V2020_12_06 = 2,
    }

    /// <summary>The header <c>x-ms-version</c>.</summary>
    internal string Version { get; }
}
