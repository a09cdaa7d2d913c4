using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pipeline.Hosting;
using Pipeline.Standalone.Hosting;
using Pipeline.Standalone.Tests.Sqlite;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Standalone.Tests.Hosting;

public sealed class ServerLimitsTests
{
    /// <summary>Of prometheus/common, by which Prometheus and Alertmanager make their clients.</summary>
    private static readonly TimeSpan GoSendersKeepIdleConnections = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task D28_The_server_keeps_a_connection_longer_than_senders_do_and_reads_little_ahead()
    {
        await using var folder = new DatabaseFolder();
        await using var app = StandaloneHost.Build(
            PipelineConfiguration.BuiltIn, folder.Database, new ManualTimeProvider(), "http://127.0.0.1:0", TextWriter.Null, StandaloneMode.StepByStep);

        var limits = app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.True(limits.KeepAliveTimeout >= 2 * GoSendersKeepIdleConnections, $"{limits.KeepAliveTimeout}");
        Assert.Equal(TimeSpan.FromSeconds(30), limits.RequestHeadersTimeout);
        Assert.InRange(limits.MaxRequestBufferSize ?? long.MaxValue, 1, 128 * 1024);
        Assert.True(limits.MinResponseDataRate is { BytesPerSecond: > 0 });
        Assert.True(limits.MinRequestBodyDataRate is { BytesPerSecond: > 0 });
    }
}
