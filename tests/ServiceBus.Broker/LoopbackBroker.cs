using System.Net;
using System.Net.Sockets;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Sasl;

namespace Pipeline.Tests.ServiceBus;

/// <summary>
/// A namespace of queues that the official client talks AMQP to on loopback: what the documentation of Service Bus says, its open details
/// as <see cref="BrokerOptions"/>, and the faults that a test asks for. It is not Service Bus.
/// </summary>
public sealed class LoopbackBroker : IAsyncDisposable
{
    // The queues need no locks: links call on many threads and hold locks of their own, so everything takes its turn here.
    private readonly TaskFactory turns = new(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
    private readonly Dictionary<string, Entity> entities = new(StringComparer.OrdinalIgnoreCase);
    private readonly AmqpConnectionListener listener;
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private volatile Exception? fault;

    /// <param name="time">Of locks, schedules and the memory of ids; the client has its own.</param>
    /// <param name="queues">Their names; <c>alerts</c> where none is named.</param>
    public LoopbackBroker(TimeProvider time, BrokerOptions? options = null, params string[] queues)
    {
        options ??= new();
        this.time = time;
        timer = time.CreateTimer(_ => Post(() => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (var queue in queues.DefaultIfEmpty("alerts"))
        {
            var dead = entities[$"{queue}/$DeadLetterQueue"] = new Entity(options, time, deadLetters: null);
            entities[queue] = new Entity(options, time, dead);
        }

        var behind = FreePort();
        Wire = new Wire(behind);
        Faults = new Faults(Wire);
        var settings = new AmqpSettings { RuntimeProvider = new Runtime(Find, Post, Faults, time, options) };
        var sasl = new SaslTransportProvider { Versions = { new AmqpVersion(1, 0, 0) } };
        sasl.AddHandler(new SaslAnonymousHandler("MSSBCBS"));
        settings.TransportProviders.Add(sasl);
        listener = new AmqpConnectionListener([$"amqp://127.0.0.1:{behind}"], settings, new AmqpConnectionSettings { ContainerId = "broker", MaxFrameSize = 65536 });
        listener.Open();
    }

    public Faults Faults { get; }

    public Wire Wire { get; }

    /// <summary>For the official client; the key is checked by nobody.</summary>
    public string ConnectionString =>
        $"Endpoint=sb://127.0.0.1:{Wire.Port};SharedAccessKeyName=tests;SharedAccessKey=tests;UseDevelopmentEmulator=true";

    /// <summary>What is in a queue, locked or not, without what is scheduled.</summary>
    public Task<List<StoredMessage>> MessagesAsync(string queue = "alerts") => turns.StartNew(() => entities[queue].Messages.ToList());

    public Task<List<StoredMessage>> DeadLettersAsync(string queue = "alerts") => MessagesAsync($"{queue}/$DeadLetterQueue");

    /// <summary>Whether a receiver would get something now.</summary>
    public Task<bool> HasMessageAsync(string queue = "alerts") => turns.StartNew(() => entities[queue].Free.Any());

    /// <summary>Completes once nobody holds the session; the broker hears a moment later that a receiver was closed.</summary>
    public async Task WaitForSessionAsync(string session, string queue = "alerts")
    {
        while (await turns.StartNew(() => entities[queue].IsHeld(session)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    /// <summary>When the next scheduled message falls due, or null.</summary>
    public Task<DateTimeOffset?> NextScheduledAsync(string queue = "alerts") => turns.StartNew(() => entities[queue].NextScheduled);

    public async ValueTask DisposeAsync()
    {
        Wire.Dispose();
        listener.Close();
        await timer.DisposeAsync();
        await turns.StartNew(() => { });
        if (fault is not null)
        {
            throw new InvalidOperationException("The broker has a fault of its own.", fault);
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private Entity Find(string path) => entities.TryGetValue(path, out var found) ? found : throw new AmqpException(AmqpErrorCode.NotFound, $"There is no '{path}'.");

    private void Post(Action turn) => _ = turns.StartNew(() => Take(turn));

    /// <summary>Does one thing, then what has fallen due, and wakes when the next will.</summary>
    private void Take(Action turn)
    {
        try
        {
            turn();
            foreach (var entity in entities.Values)
            {
                entity.Tick();
            }

            if (entities.Values.Min(entity => entity.NextDue) is { } due)
            {
                timer.Change(new[] { due - time.GetUtcNow(), TimeSpan.Zero }.Max(), Timeout.InfiniteTimeSpan);
            }
        }
        catch (Exception exception)
        {
            fault = exception;
        }
    }
}
