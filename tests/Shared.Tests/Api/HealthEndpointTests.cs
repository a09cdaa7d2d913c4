using System.Net;
using Pipeline.Api;
using Pipeline.Runtime;
using Pipeline.Shared.Tests.Notifications;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

public sealed class HealthEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ready_means_that_the_store_can_be_written_and_a_fault_s_detail_is_in_the_log_only()
    {
        var clock = new ManualTimeProvider();
        var table = new FailingTable(new InMemoryEntityTable());
        var other = new Other();
        using var log = new LogRecorder();
        await using var app = await LoopbackKestrel.StartAsync(
            new(), new HealthEndpoint(table, [other], clock, log.For<HealthEndpoint>()).All, log);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var ready = await client.GetAsync(new Uri("api/health", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Contains("\"status\":\"ready\"", await ready.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        table.FailWrites = 1;
        using var unavailable = await client.GetAsync(new Uri("api/health", UriKind.Relative), Token);
        var body = await unavailable.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unavailable.StatusCode);
        Assert.Contains("\"store\":\"unwritable\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("the test said so", body, StringComparison.Ordinal);

        other.IsAway = true;
        using var away = await client.GetAsync(new Uri("api/health", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
    }

    private sealed class Other : IReadiness
    {
        public bool IsAway { get; set; }

        public Task CheckAsync(CancellationToken cancellationToken) => IsAway ? throw new StoreUnavailableException("the test said so") : Task.CompletedTask;
    }
}
