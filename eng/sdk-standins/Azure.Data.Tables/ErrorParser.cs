using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>
/// Reads the OData error of an answer. In that of a batch the message begins with the failing operation's index: <c>3:The specified …</c>
/// https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2
/// </summary>
internal sealed class ErrorParser : RequestFailedDetailsParser
{
    /// <summary>The index in the exception's data.</summary>
    internal const string FailedIndex = "FailedEntity";

    private static readonly ErrorParser Instance = new();

    public static RequestFailedException Failure(Response response) => new(response, innerException: null, Instance);

    public override bool TryParse(Response response, [NotNullWhen(true)] out ResponseError? error, out IDictionary<string, string>? data)
    {
        (error, data) = (null, null);
        try
        {
            using var body = JsonDocument.Parse(response.Content);
            var odata = body.RootElement.GetProperty("odata.error");
            var message = odata.GetProperty("message").GetProperty("value").GetString() ?? "";
            error = new ResponseError(odata.GetProperty("code").GetString(), message);
            data = IndexOf(message) is { } index ? new Dictionary<string, string>(StringComparer.Ordinal) { [FailedIndex] = index } : null;
            return true;
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // A proxy's page, or an answer without a body: its status says what is known.
            return false;
        }
    }

    private static string? IndexOf(string message) =>
        message.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && int.TryParse(message[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index.ToString(CultureInfo.InvariantCulture)
            : null;
}
