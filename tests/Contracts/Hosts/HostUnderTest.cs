using Pipeline.Hosting;
using Pipeline.Hosting.Configuration;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Tests.Contracts.Hosts;

/// <summary>A host of the whole product over HTTP, on a clock that a test moves; nothing but requests moves it otherwise.</summary>
public abstract class HostUnderTest(ManualTimeProvider clock) : IAsyncDisposable
{
    public ManualTimeProvider Clock { get; } = clock;

    /// <summary>On its address.</summary>
    public abstract HttpClient Client { get; }

    /// <summary>The earliest timer of an orchestration.</summary>
    public abstract DateTimeOffset? NextTimer { get; }

    /// <summary>Does all that can be done now, until nothing is left.</summary>
    public abstract Task DrainAsync();

    public abstract ValueTask DisposeAsync();

    public static PipelineConfiguration Read(string configuration)
    {
        var read = ConfigurationReader.ReadText(configuration, "test", _ => null);
        Assert.Empty(read.Problems);
        return read.Configuration!;
    }
}
