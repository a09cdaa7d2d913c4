using System.Net.Http.Json;
using System.Text.Json;
using Pipeline.Tests.Contracts.Hosts;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;
using Xunit;

namespace Pipeline.Functions.Tests.Hosting;

/// <summary>An alert through the whole app, on the official clients and in real seconds.</summary>
public sealed class EscalationOnOfficialSdksTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_alert_pages_one_after_the_other_until_somebody_acknowledges()
    {
        await using var pager = await LoopbackWebhook.StartAsync(cancellationToken: Stop);
        await using var host = await FunctionsOnOfficialSdks.StartAsync(
            HostUnderTest.Read($$$"""
                channels: {pager: {kind: webhook, url: "{{{pager.Url}}}"}}
                people:
                  alice: {name: Alice, contacts: [{channel: pager, address: alice}]}
                  bob: {name: Bob, contacts: [{channel: pager, address: bob}]}
                  carol: {name: Carol, contacts: [{channel: pager, address: carol}]}
                escalation:
                  default:
                    levels:
                      - {name: primary, targets: [alice], timeout: 1s}
                      - {name: secondary, targets: [bob], timeout: 1h}
                      - {name: manager, targets: [carol], timeout: 1h}
                """),
            azurite);

        await PostAsync(host, "api/v2/alerts", new[] { new { labels = new { alertname = "Down", service = "shop", severity = "critical" } } });
        await Eventually.GetAsync("Alice and then Bob were paged", _ => Task.FromResult(PagedBy(pager)), paged => paged == "alice bob", Patience, Stop);
        Assert.Equal("Running", await StatusAsync(host));

        await PostAsync(host, "api/incidents/INC-1/acknowledge", new { by = "bob" });
        await Eventually.GetAsync("the escalation ended", _ => StatusAsync(host), status => status == "Completed", Patience, Stop);
        Assert.Equal("alice bob", PagedBy(pager));
        var timeline = await host.Client.GetStringAsync(new Uri("api/incidents/INC-1/timeline", UriKind.Relative), Stop);
        Assert.Contains("Escalation ended: acknowledged.", timeline, StringComparison.Ordinal);
    }

    private static string PagedBy(LoopbackWebhook pager) => string.Join(' ', pager.Distinct
        .Where(request => request.Json.GetProperty("purpose").GetString() == "page")
        .Select(request => request.Json.GetProperty("address").GetString()));

    private static async Task<string?> StatusAsync(FunctionsOnOfficialSdks host)
    {
        var instance = await host.Client.GetFromJsonAsync<JsonElement>("api/orchestrations/escalation-INC-1", Stop);
        return instance.GetProperty("runtimeStatus").GetString();
    }

    private static async Task PostAsync(FunctionsOnOfficialSdks host, string path, object body)
    {
        using var answer = await host.Client.PostAsJsonAsync(path, body, Stop);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync(Stop)}");
    }
}
