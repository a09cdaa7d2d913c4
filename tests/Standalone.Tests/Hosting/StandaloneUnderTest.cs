using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Hosting;
using Pipeline.Standalone.Hosting;
using Pipeline.Standalone.Sqlite;
using Pipeline.Tests.Contracts.Hosts;
using Pipeline.Tests.Support;

namespace Pipeline.Standalone.Tests.Hosting;

public sealed class StandaloneMonthOfASev1 : MonthOfASev1
{
    protected override Task<HostUnderTest> StartAsync(PipelineConfiguration configuration, ManualTimeProvider clock) =>
        StandaloneUnderTest.StartAsync(configuration, clock);
}

public sealed class StandaloneHttpApiTests : HttpApiContract
{
    protected override Task<HostUnderTest> StartAsync(PipelineConfiguration configuration, ManualTimeProvider clock) =>
        StandaloneUnderTest.StartAsync(configuration, clock);
}

/// <summary>The program's own host on a file of its own.</summary>
internal sealed class StandaloneUnderTest : HostUnderTest
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-host-");
    private readonly SqliteDatabase database;
    private readonly WebApplication app;
    private readonly PipelineLoops loops;

    private StandaloneUnderTest(PipelineConfiguration configuration, ManualTimeProvider clock)
        : base(clock)
    {
        database = SqliteDatabase.Open(Path.Combine(folder.FullName, StandaloneServices.DatabaseName));
        app = StandaloneHost.Build(configuration, database, clock, "http://127.0.0.1:0", TextWriter.Null, StandaloneMode.StepByStep);
        loops = app.Services.GetRequiredService<PipelineLoops>();
    }

    public override HttpClient Client { get; } = new();

    public override DateTimeOffset? NextTimer => loops.NextTimer;

    public static async Task<HostUnderTest> StartAsync(PipelineConfiguration configuration, ManualTimeProvider clock)
    {
        var host = new StandaloneUnderTest(configuration, clock);
        await host.app.StartAsync();
        host.Client.BaseAddress = new Uri(host.app.Urls.First());
        await host.DrainAsync();
        return host;
    }

    public override Task DrainAsync() => loops.DrainAsync(CancellationToken.None);

    public override async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
        await database.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
