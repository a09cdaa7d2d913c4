using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Alerts;
using Pipeline.Api;
using Pipeline.Hosting;
using Pipeline.Runtime;
using Pipeline.Shared.Tests.Alerts;
using Pipeline.Tests.Support;

namespace Pipeline.Shared.Tests.Api;

/// <summary>The alert routes behind a real Kestrel on loopback, with its default limits.</summary>
internal sealed class AlertApi : IAsyncDisposable
{
    private readonly InMemoryMessageQueue queue;
    private readonly InMemoryPostLog posts;
    private readonly WebApplication app;
    private readonly IPEndPoint address;

    private AlertApi(ManualTimeProvider clock, IntakeRoom room, InMemoryMessageQueue queue, InMemoryPostLog posts, WebApplication app, LogRecorder log)
    {
        Clock = clock;
        Room = room;
        this.queue = queue;
        this.posts = posts;
        this.app = app;
        Log = log;
        var url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        address = new IPEndPoint(IPAddress.Loopback, url.Port);
        Client = new HttpClient { BaseAddress = url };
    }

    public HttpClient Client { get; }

    public LogRecorder Log { get; }

    public ManualTimeProvider Clock { get; }

    public IntakeRoom Room { get; }

    /// <param name="failing">What each append throws; null to append.</param>
    /// <param name="intake">Null: the defaults.</param>
    public static async Task<AlertApi> StartAsync(Exception? failing = null, IntakeConfiguration? intake = null)
    {
        intake ??= new IntakeConfiguration();
        var log = new LogRecorder();
        var time = new ManualTimeProvider(Posts.ReceivedAt);
        var queue = new InMemoryMessageQueue("alerts", time);
        var posts = new InMemoryPostLog(queue);
        var receiver = new AlertReceiver(failing is null ? posts : new FailingPostLog(failing), log.For<AlertReceiver>());
        var room = new IntakeRoom(intake.MaxBytesInHand);
        var endpoints = new AlertEndpoints(receiver, room, intake, time, log.For<AlertEndpoints>());
        var app = await LoopbackKestrel.StartAsync(new AccessConfiguration(), endpoints.All, log);
        return new AlertApi(time, room, queue, posts, app, log);
    }

    /// <summary>Everything that was appended, oldest first.</summary>
    public async Task<IReadOnlyList<ReceivedPost>> PostsAsync() => [.. (await posts.ListAsync(100)).Select(stored => stored.Post).Reverse()];

    /// <summary>Sends these bytes as they are and waits for an answer. Returns its status line.</summary>
    public async Task<string?> SendRawAsync(string head, params byte[][] parts)
    {
        using var socket = await ConnectAsync(head);
        await using var stream = new NetworkStream(socket);
        foreach (var part in parts)
        {
            await stream.WriteAsync(part);
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadLineAsync();
    }

    /// <summary>Opens a connection and sends the beginning of a post on it.</summary>
    public Task<Socket> BeginAsync(string head) => ConnectAsync(head);

    /// <summary>Sends these bytes and goes away without waiting for an answer.</summary>
    /// <param name="reset">By breaking the connection instead of ending it.</param>
    public async Task SendAndLeaveAsync(string head, bool reset)
    {
        using var socket = await ConnectAsync(head);
        socket.LingerState = new LingerOption(enable: reset, seconds: 0);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
        posts.Dispose();
        queue.Dispose();
        Log.Dispose();
    }

    private async Task<Socket> ConnectAsync(string head)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address);
        await socket.SendAsync(Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n")));
        return socket;
    }

    private sealed class FailingPostLog(Exception failure) : IPostLog
    {
        public ValueTask<long> AppendAsync(ReceivedPost post, CancellationToken cancellationToken = default) => ValueTask.FromException<long>(failure);

        public Task<IReadOnlyList<StoredPost>> ReadUnsplitAsync(int maxPosts, int maxBytes, CancellationToken cancellationToken = default) => throw failure;

        public Task CompleteSplitAsync(IReadOnlyList<long> posts, IReadOnlyList<QueueMessage> alerts, CancellationToken cancellationToken = default) => throw failure;

        public Task WaitAsync(CancellationToken cancellationToken = default) => throw failure;

        public Task<StoredPost?> GetAsync(long id, CancellationToken cancellationToken = default) => throw failure;

        public Task<IReadOnlyList<StoredPost>> ListAsync(int take, long? before = null, CancellationToken cancellationToken = default) => throw failure;

        public Task<int> PurgeAsync(DateTimeOffset receivedBefore, CancellationToken cancellationToken = default) => throw failure;
    }
}
