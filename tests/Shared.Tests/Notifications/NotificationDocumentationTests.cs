using System.Text.Json;
using System.Text.RegularExpressions;
using Pipeline.Notifications;
using Pipeline.Notifications.Webhook;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

/// <summary>Holds <c>docs/notifications.md</c> against the code.</summary>
public sealed partial class NotificationDocumentationTests
{
    private static readonly string Documentation = RepositoryFile.Read("docs/notifications.md");

    [Fact]
    public void FirstUse_Every_purpose_is_documented_and_no_other()
    {
        var documented = PurposeRow().Matches(Documentation)
            .SelectMany(row => Quoted().Matches(row.Groups["purposes"].Value))
            .Select(purpose => purpose.Groups["word"].Value);

        var known = Enum.GetNames<NotificationPurpose>().Select(JsonNamingPolicy.CamelCase.ConvertName);
        Assert.Equal(known.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void FirstUse_The_sample_is_what_a_webhook_receives()
    {
        var sample = Documentation.Split("```json\n")[1].Split("```")[0];
        var body = JsonSerializer.Deserialize<WebhookBody>(sample, PipelineJson.Options)!;

        Assert.Equal(NotificationKey.Of(body.Purpose, body.IncidentId!, 1, "0.0.0", body.PersonId, body.Channel), body.Key);
        Assert.Equal($"/api/incidents/{body.IncidentId}", body.Link!.AbsolutePath);
        using var written = JsonDocument.Parse(PipelineJson.ToUtf8(body));
        using var read = JsonDocument.Parse(sample);
        Assert.Equal(
            written.RootElement.EnumerateObject().Select(field => field.Name), read.RootElement.EnumerateObject().Select(field => field.Name));
    }

    [GeneratedRegex(@"^\| (?<purposes>`[a-zA-Z`, ]+`) \|[^|]*\|[^|]*\| (yes|no) \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PurposeRow();

    [GeneratedRegex("`(?<word>[a-zA-Z]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quoted();
}
