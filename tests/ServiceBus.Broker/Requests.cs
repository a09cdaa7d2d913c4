using System.Collections.Concurrent;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Tests.ServiceBus;

/// <summary>Requests and responses on a pair of links: <c>$cbs</c> and each queue's <c>$management</c>.</summary>
internal sealed class Requests(Func<string, Entity> find, Action<Action> post, Faults faults)
{
    private const string Tokens = "$cbs";
    private const string ManagementSuffix = "/$management";

    private readonly ConcurrentDictionary<string, SendingAmqpLink> replies = new(StringComparer.Ordinal);

    public static bool Serves(string address) => address == Tokens || address.EndsWith(ManagementSuffix, StringComparison.Ordinal);

    public void Attach(AmqpLink link, string address)
    {
        if (link is SendingAmqpLink sender)
        {
            var replyTo = ((Target)sender.Settings.Target).Address.ToString()!;
            replies[replyTo] = sender;
            sender.SafeAddClosed((_, _) => replies.TryRemove(replyTo, out _));
        }
        else if (link is ReceivingAmqpLink receiver)
        {
            var entity = address == Tokens ? null : find(address[..^ManagementSuffix.Length]);
            receiver.RegisterMessageListener(request => post(() => Serve(receiver, request, entity)));
        }
    }

    /// <param name="entity">Null for a token.</param>
    private void Serve(ReceivingAmqpLink link, AmqpMessage request, Entity? entity)
    {
        link.DisposeDelivery(request, settled: true, new Accepted());
        var response = AmqpMessage.Create(new AmqpValue { Value = new AmqpMap() });
        try
        {
            if (faults.TakesOver(entity is null ? FaultPoint.Token : FaultPoint.Request, link))
            {
                return;
            }

            response = entity is null ? response : Answer((string)request.ApplicationProperties.Map["operation"], (AmqpMap)request.ValueBody.Value, entity);
            response.ApplicationProperties.Map[entity is null ? "status-code" : "statusCode"] = response.ValueBody.Value is AmqpMap { Count: 0 } && entity is not null ? 204 : 200;
        }
        catch (AmqpException error)
        {
            response.ApplicationProperties.Map[entity is null ? "status-code" : "statusCode"] = entity is null ? 401 : 500;
            response.ApplicationProperties.Map["errorCondition"] = error.Error.Condition;
            response.ApplicationProperties.Map["statusDescription"] = error.Error.Description;
        }

        response.Properties.CorrelationId = request.Properties.MessageId;
        if (replies.TryGetValue(request.Properties.ReplyTo.ToString()!, out var reply))
        {
            reply.SendMessageNoWait(response, new ArraySegment<byte>([]), default);
        }
    }

    private static AmqpMessage Answer(string operation, AmqpMap arguments, Entity entity) => operation switch
    {
        "com.microsoft:peek-message" => Peek(entity, arguments),
        "com.microsoft:renew-lock" => Response(
            "expirations", ((Guid[])arguments[new MapKey("lock-tokens")]).Select(token => entity.Renew(token).UtcDateTime).ToArray()),
        "com.microsoft:renew-session-lock" => Response("expiration", entity.RenewSession((string)arguments[new MapKey("session-id")]).UtcDateTime),
        _ => throw new AmqpException(AmqpErrorCode.NotImplemented, $"The tests' broker doesn't know '{operation}'."),
    };

    private static AmqpMessage Peek(Entity entity, AmqpMap arguments)
    {
        var from = (long)arguments[new MapKey("from-sequence-number")];
        var found = entity.Messages.Where(message => message.Sequence >= from).Take((int)arguments[new MapKey("message-count")]);
        var maps = found.Select(message => new AmqpMap { [new MapKey("message")] = MessageCodec.WriteWhole(message) }).ToList();
        return maps.Count == 0 ? AmqpMessage.Create(new AmqpValue { Value = new AmqpMap() }) : Response("messages", maps);
    }

    private static AmqpMessage Response(string name, object value) =>
        AmqpMessage.Create(new AmqpValue { Value = new AmqpMap { [new MapKey(name)] = value } });
}
