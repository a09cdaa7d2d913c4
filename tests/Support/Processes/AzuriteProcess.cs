using System.Globalization;
using System.Net.Sockets;

namespace Pipeline.Tests.Support.Processes;

/// <summary>The Table service of a real Azurite, the emulator of Azure Storage, on loopback and in memory.</summary>
public sealed class AzuriteProcess : IAsyncDisposable
{
    // The account that every Azurite has; the key is public. https://learn.microsoft.com/azure/storage/common/storage-use-azurite
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly int port = FreePort.Next();
    private ChildProcess? child;

    private AzuriteProcess()
    {
    }

    public string ConnectionString => string.Create(
        CultureInfo.InvariantCulture, $"AccountName={Account};AccountKey={Key};TableEndpoint=http://127.0.0.1:{port}/{Account}");

    public static async Task<AzuriteProcess> StartAsync(string program, CancellationToken cancellationToken)
    {
        var azurite = new AzuriteProcess();
        azurite.child = ChildProcess.Start(
            program,
            ["--tableHost", "127.0.0.1", "--tablePort", azurite.port.ToString(CultureInfo.InvariantCulture), "--inMemoryPersistence", "--silent", "--disableTelemetry"]);
        await Eventually.TrueAsync("Azurite is ready", azurite.IsReadyAsync, Patience, cancellationToken, azurite.Tail);
        return azurite;
    }

    public string Tail() => child?.Tail() ?? "--- Azurite was not started ---";

    public async ValueTask DisposeAsync()
    {
        if (child is not null)
        {
            await child.DisposeAsync();
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync("127.0.0.1", port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
