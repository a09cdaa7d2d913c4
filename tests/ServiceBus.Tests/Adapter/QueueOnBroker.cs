using System.Text;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Pipeline.Tests.ServiceBus;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Adapter;

/// <summary>The queue <c>alerts</c> of the app, through the official client, on a broker of its own.</summary>
internal sealed class QueueOnBroker : IAsyncDisposable
{
    /// <summary>The trigger's own.</summary>
    private readonly ServiceBusClient host;

    /// <param name="time">The adapter's own waits; real ones where null.</param>
    public QueueOnBroker(BrokerOptions? options = null, TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        Broker = new LoopbackBroker(Clock, options);
        Client = new ServiceBusClient(Broker.ConnectionString, ServiceBusConnection.Options());
        Sender = Client.CreateSender("alerts");
        DeadLetters = Client.CreateReceiver("alerts", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        Queue = new ServiceBusMessageQueue("alerts", Sender, DeadLetters, Time);
        host = new ServiceBusClient(Broker.ConnectionString);
        Trigger = new SessionTrigger(Broker, host);
    }

    /// <summary>The broker's.</summary>
    public ManualTimeProvider Clock { get; } = new();

    public TimeProvider Time { get; }

    public LoopbackBroker Broker { get; }

    public ServiceBusClient Client { get; }

    public ServiceBusSender Sender { get; }

    public ServiceBusReceiver DeadLetters { get; }

    public ServiceBusMessageQueue Queue { get; }

    public SessionTrigger Trigger { get; }

    public IEntityTable Table { get; set; } = new InMemoryEntityTable();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await Client.DisposeAsync();
        await Broker.DisposeAsync();
    }

    public Task SendAsync(string session, params string[] ids) =>
        Queue.SendAsync([.. ids.Select(id => new QueueMessage(session, id, Encoding.UTF8.GetBytes(id)))], Stop);

    /// <summary>The app's function on the next message, in a process that just started.</summary>
    public Task<bool> HandleAsync(IMessageHandler handler) => Trigger.RunAsync((message, actions) => HandleAsync(message, actions, handler));

    public Task HandleAsync(ServiceBusReceivedMessage message, ServiceBusMessageActions actions, IMessageHandler handler) =>
        new TriggeredQueue("alerts", handler, Sender, Table, Clock, NullLogger<TriggeredQueue>.Instance).HandleAsync(message, actions, Stop);

    public async Task<ReceivedMessage> ReceiveAsync()
    {
        var handler = new HandlerOf(message => new Settlement.Complete(message.Sequence));
        Assert.True(await HandleAsync(handler));
        return handler.Last!;
    }

    public async Task GiveUpAllAsync()
    {
        while (await HandleAsync(new HandlerOf(message => new Settlement.GiveUp(message.Sequence, "no use"))))
        {
        }
    }
}

/// <summary>Settles each message as the test says.</summary>
internal sealed class HandlerOf(Func<ReceivedMessage, Settlement> settle) : IMessageHandler
{
    public List<string> Calls { get; } = [];

    public ReceivedMessage? Last { get; private set; }

    public Exception? Fault { get; set; }

    public Func<ReceivedMessage, Settlement> Settle { get; set; } = settle;

    public Task<IReadOnlyList<Settlement>> HandleAsync(string sessionId, IReadOnlyList<ReceivedMessage> messages, CancellationToken cancellationToken)
    {
        Calls.Add($"{sessionId}: {string.Join(' ', messages.Select(message => message.MessageId))}");
        Last = messages[^1];
        return Fault is { } fault ? throw fault : Task.FromResult<IReadOnlyList<Settlement>>([.. messages.Select(Settle)]);
    }
}
