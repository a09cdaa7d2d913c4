using System.Net;
using System.Net.Sockets;
using Pipeline.Runtime;
using Pipeline.Standalone.Commands;
using Pipeline.Tests.Support.Processes;
using Xunit;

namespace Pipeline.Standalone.Tests.Commands;

public sealed class StartFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static TheoryData<Exception, string?> Faults => new()
    {
        // Another program has the port; Kestrel wraps it.
        { new IOException("Failed to bind", new Microsoft.AspNetCore.Connections.AddressInUseException("in use")), "is taken by another program" },

        // A privileged port, by a numeric address.
        { new SocketException((int)SocketError.AccessDenied), "no right to listen on http://localhost:80;" },

        // A privileged port of localhost: one refusal for each of its two addresses.
        {
            new IOException("Failed to bind", new AggregateException(new SocketException((int)SocketError.AccessDenied), new SocketException((int)SocketError.AccessDenied))),
            "no right to listen on http://localhost:80;"
        },

        // An address of another machine.
        { new SocketException((int)SocketError.AddressNotAvailable), "this machine has no address http://localhost:80" },

        // Whatever else the system says of a socket.
        { new SocketException((int)SocketError.TooManyOpenSockets), "can't be listened on (TooManyOpenSockets)" },

        // The data folder is a file, or belongs to somebody else.
        { new IOException("The file '/data' already exists."), "the data folder ./data can't be used: The file '/data' already exists." },
        { new UnauthorizedAccessException("Access to the path '/data' is denied."), "or name another folder with --data" },

        // The store's own words say what to do.
        { new StoreUnavailableException("pipeline.db can't be opened."), "pipeline.db can't be opened." },

        // The program's own fault keeps its stack trace.
        { new InvalidCastException("oops"), null },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Own3_Each_fault_of_the_start_says_what_to_do_in_one_line(Exception fault, string? says)
    {
        var line = StartFault.Explain(fault, new ServeOptions("http://localhost:80", "./data", Config: null));

        if (says is null)
        {
            Assert.Null(line);
            return;
        }

        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line!);
    }

    [Fact]
    public async Task Own3_A_taken_port_is_one_line_and_exit_code_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        using var folder = new TemporaryFolder();

        var (exitCode, output) = await ServeAsync("--urls", url, "--data", folder.Path);

        Assert.Equal($"Can't start: {url} is taken by another program. Stop that one, or listen elsewhere, for example --urls http://localhost:8080.", output);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task Own3_A_missing_configuration_is_one_line_and_exit_code_1()
    {
        using var folder = new TemporaryFolder();
        var missing = Path.Combine(folder.Path, "missing.yaml");

        var (exitCode, output) = await ServeAsync("--urls", "http://127.0.0.1:0", "--data", folder.Path, "--config", missing);

        Assert.Equal($"Can't start: {missing}: there is no such file. Looked for it at {missing}; name another with --config.", output);
        Assert.Equal(1, exitCode);
    }

    private static Task<(int ExitCode, string Output)> ServeAsync(params string[] arguments) =>
        ChildProcess.RunAsync(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Pipeline.Standalone.dll"), "serve", .. arguments],
            Patience,
            TestContext.Current.CancellationToken);
}
