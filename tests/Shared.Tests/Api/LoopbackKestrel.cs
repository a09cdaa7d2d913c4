using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Api;
using Pipeline.Hosting;
using Pipeline.Tests.Support;

namespace Pipeline.Shared.Tests.Api;

/// <summary>Endpoints behind a real Kestrel on loopback, with its default limits.</summary>
internal static class LoopbackKestrel
{
    public static async Task<WebApplication> StartAsync(
        AccessConfiguration access, IReadOnlyList<ApiEndpoint> endpoints, LogRecorder log, ServerConfiguration? server = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var accessLog = new AccessLog(TimeProvider.System, log.For<AccessLog>());
        var unmatched = new UnmatchedRequests(server ?? new ServerConfiguration(), TimeProvider.System, log.For<UnmatchedRequests>());
        new ApiEndpoints(new Access(access), accessLog, endpoints, unmatched, log.For<ApiEndpoints>()).Map(app);
        await app.StartAsync();
        return app;
    }

    /// <summary>Ctrl-C is the test runner's.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
