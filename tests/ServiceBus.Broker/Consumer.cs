using Microsoft.Azure.Amqp;

namespace Pipeline.Tests.ServiceBus;

/// <summary>A receiver's link, seen from the broker, which sends on it.</summary>
internal sealed class Consumer(SendingAmqpLink link)
{
    /// <summary>The session that it holds; null on a queue without sessions.</summary>
    public string? Session { get; set; }

    public bool CanTake => link.State == AmqpObjectState.Opened && link.LinkCredit > 0;

    public bool IsBroken => link.Session.Connection.IsClosing();

    public void Hand(StoredMessage message) =>
        link.SendMessageNoWait(MessageCodec.Write(message), new ArraySegment<byte>(message.Lock!.Token.ToByteArray()), default);

    public void Detach(AmqpException error) => link.SafeClose(error);
}
