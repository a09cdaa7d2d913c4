using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Transport;

namespace Pipeline.Tests.ServiceBus;

/// <summary>What the AMQP library asks of its host: links are opened here, and what comes on them goes to the queues in turns.</summary>
internal sealed class Runtime(Func<string, Entity> find, Action<Action> post, Faults faults, TimeProvider time, BrokerOptions options) : IRuntimeProvider
{
    private static readonly AmqpSymbol SessionFilter = "com.microsoft:session-filter";

    private readonly Requests requests = new(find, post, faults);

    public AmqpConnection CreateConnection(
        TransportBase transport, ProtocolHeader protocolHeader, bool isInitiator, AmqpSettings amqpSettings, AmqpConnectionSettings connectionSettings) =>
        new(transport, protocolHeader, isInitiator: false, amqpSettings, connectionSettings);

    public AmqpSession CreateSession(AmqpConnection connection, AmqpSessionSettings settings) => throw new NotSupportedException();

    public AmqpLink CreateLink(AmqpSession session, AmqpLinkSettings settings)
    {
        settings.MaxMessageSize = options.MaxMessageBytes;
        return settings.Role == true ? new ReceivingAmqpLink(session, settings) : new SendingAmqpLink(session, settings);
    }

    public IAsyncResult BeginOpenLink(AmqpLink link, TimeSpan timeout, AsyncCallback callback, object state) =>
        TaskToAsyncResult.Begin(OpenAsync(link), callback, state);

    public void EndOpenLink(IAsyncResult result) => TaskToAsyncResult.End(result);

    private async Task OpenAsync(AmqpLink link)
    {
        var address = link.IsReceiver ? ((Target)link.Settings.Target).Address : ((Source)link.Settings.Source).Address;
        var path = address.ToString()!.Trim('/');
        if (Requests.Serves(path))
        {
            requests.Attach(link, path);
        }
        else if (faults.TakesOver(FaultPoint.Attach, link))
        {
            await new TaskCompletionSource().Task;
        }
        else if (link is ReceivingAmqpLink receiver)
        {
            var entity = find(path);
            receiver.RegisterMessageListener(message => post(() => Receive(receiver, message, entity)));
        }
        else
        {
            await OpenAsync((SendingAmqpLink)link, find(path));
        }
    }

    private async Task OpenAsync(SendingAmqpLink link, Entity entity)
    {
        var consumer = new Consumer(link);
        link.SafeAddClosed((_, _) => post(() => entity.End(consumer)));
        var source = (Source)link.Settings.Source;
        var hasFilter = source.FilterSet?.Any(filter => Equals(filter.Key.Key, SessionFilter)) == true;
        if (hasFilter != entity.RequiresSession)
        {
            throw new AmqpException(AmqpErrorCode.NotAllowed, entity.RequiresSession ? "The queue takes session receivers only." : "The queue has no sessions.");
        }

        if (hasFilter)
        {
            var answer = new TaskCompletionSource<DateTimeOffset>(TaskCreationOptions.RunContinuationsAsynchronously);
            var wait = link.Settings.Properties?.TryGetValue<uint>("com.microsoft:timeout", out var milliseconds) == true ? milliseconds : 60_000;
            var until = time.GetUtcNow() + TimeSpan.FromMilliseconds(wait);
            post(() => entity.Take(new SessionRequest(consumer, source.FilterSet![SessionFilter] as string, until, answer)));
            link.Settings.AddProperty("com.microsoft:locked-until-utc", (await answer.Task).UtcTicks);
            source.FilterSet![SessionFilter] = consumer.Session;
        }

        link.RegisterCreditListener((_, _, _) => post(entity.Tick));
        link.RegisterDispositionListener(delivery => post(() => Settle(consumer, link, delivery, entity)));
        post(() => entity.Add(consumer));
    }

    private void Receive(ReceivingAmqpLink link, AmqpMessage message, Entity entity) => Answer(link, message, FaultPoint.Send, () =>
        entity.Send(MessageCodec.Read(message)));

    private void Settle(Consumer consumer, SendingAmqpLink link, Delivery delivery, Entity entity) => Answer(link, delivery, FaultPoint.Settle, () =>
        entity.Settle(consumer, new Guid(delivery.DeliveryTag), delivery.State));

    private void Answer(AmqpLink link, Delivery delivery, FaultPoint point, Action act)
    {
        Outcome outcome = new Accepted();
        try
        {
            if (faults.TakesOver(point, link, act))
            {
                return;
            }

            act();
        }
        catch (AmqpException error)
        {
            outcome = error.Error.Condition.Value == Faults.Released ? new Released() : new Rejected { Error = error.Error };
        }

        link.DisposeDelivery(delivery, settled: true, outcome);
    }
}
