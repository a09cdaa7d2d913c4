using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Pipeline.Tests.ServiceBus;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.ServiceBus.Tests.Adapter;

/// <summary>What the caller is told of each error condition.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private readonly ManualTimeProvider time = new();
    private readonly QueueOnBroker bus;

    public FaultTests() => bus = new QueueOnBroker(time: time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The conditions of AMQP and of Service Bus that its documentation and the client know.</summary>
    public static TheoryData<string> Conditions =>
    [
        "amqp:not-allowed", "amqp:not-implemented", "amqp:not-found", "amqp:unauthorized-access", "amqp:resource-limit-exceeded",
        "amqp:internal-error", "amqp:precondition-failed", "amqp:link:stolen", "amqp:link:detach-forced", "amqp:connection:forced",
        "com.microsoft:timeout", "com.microsoft:server-busy", "com.microsoft:entity-disabled", "com.microsoft:auth-failed",
        "com.microsoft:operation-cancelled", "com.microsoft:partition-not-owned", "com.microsoft:publisher-revoked",
        "com.microsoft:store-lock-lost", "com.microsoft:message-lock-lost", "com.microsoft:session-lock-lost",
        "com.microsoft:address-already-in-use", "com.microsoft:entity-already-exists", "com.microsoft:no-matching-subscription",
        "com.microsoft:a-condition-of-next-year",
    ];

    public static TheoryData<string> ConditionsOfMessages => ["com.microsoft:argument-error", "com.microsoft:argument-out-of-range", "amqp:link:message-size-exceeded"];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bus.DisposeAsync();

    [Theory]
    [MemberData(nameof(Conditions))]
    [InlineData(Faults.Released)]
    public async Task Z9_A_send_that_is_refused_is_a_store_that_is_unavailable(string condition)
    {
        await RefuseAsync(FaultPoint.Send, new Fault(FaultKind.Refusal, condition), () => bus.SendAsync("shop", "1"));
        Assert.Single(await bus.Broker.MessagesAsync());
    }

    [Theory]
    [MemberData(nameof(Conditions))]
    public Task Z9_So_is_a_link_that_closes(string condition) =>
        RefuseAsync(FaultPoint.Send, new Fault(FaultKind.Detach, condition), () => bus.SendAsync("shop", "1"));

    [Theory]
    [MemberData(nameof(Conditions))]
    [MemberData(nameof(ConditionsOfMessages))]
    public Task Z9_So_is_a_look_at_the_queue_that_is_refused(string condition) =>
        RefuseAsync(FaultPoint.Request, new Fault(FaultKind.Refusal, condition), () => bus.Queue.CheckAsync(Stop));

    [Theory]
    [MemberData(nameof(Conditions))]
    public Task Z9_So_is_a_link_that_does_not_open(string condition) =>
        RefuseAsync(FaultPoint.Attach, new Fault(FaultKind.Refusal, condition), () => bus.SendAsync("shop", "1"));

    [Fact]
    public Task Z9_So_is_a_token_that_is_refused() => RefuseAsync(FaultPoint.Token, new Fault(FaultKind.Refusal), () => bus.SendAsync("shop", "1"));

    [Theory]
    [MemberData(nameof(ConditionsOfMessages))]
    public async Task Z9_A_message_that_is_refused_for_what_it_is_is_a_fault_of_the_message(string condition)
    {
        bus.Broker.Faults.Always(FaultPoint.Send, new Fault(FaultKind.Refusal, condition));
        var fault = await Assert.ThrowsAsync<ArgumentException>(() => time.PassAsync(bus.SendAsync("shop", "1")));
        Assert.StartsWith("Service Bus queue 'alerts' refused a message: ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    // A lost connection or answer.
    [InlineData(ServiceBusFailureReason.ServiceCommunicationProblem, true, FaultMeaning.TryAgain)]
    [InlineData(ServiceBusFailureReason.ServiceTimeout, true, FaultMeaning.TryAgain)]
    // Conditions that the client doesn't know, as amqp:internal-error.
    [InlineData(ServiceBusFailureReason.GeneralError, true, FaultMeaning.TryAgain)]
    // Throttled.
    [InlineData(ServiceBusFailureReason.ServiceBusy, false, FaultMeaning.TryAgainWhenCalm)]
    // The operator's to mend.
    [InlineData(ServiceBusFailureReason.MessagingEntityNotFound, true, FaultMeaning.Unavailable)]
    [InlineData(ServiceBusFailureReason.MessagingEntityDisabled, true, FaultMeaning.Unavailable)]
    [InlineData(ServiceBusFailureReason.QuotaExceeded, true, FaultMeaning.Unavailable)]
    // Locks come again.
    [InlineData(ServiceBusFailureReason.MessageLockLost, false, FaultMeaning.Unavailable)]
    [InlineData(ServiceBusFailureReason.SessionLockLost, false, FaultMeaning.Unavailable)]
    [InlineData(ServiceBusFailureReason.SessionCannotBeLocked, false, FaultMeaning.Unavailable)]
    // Answers to what the app never asks.
    [InlineData(ServiceBusFailureReason.MessageNotFound, false, FaultMeaning.Unavailable)]
    [InlineData(ServiceBusFailureReason.MessagingEntityAlreadyExists, false, FaultMeaning.Unavailable)]
    // The message's own, where there is one.
    [InlineData(ServiceBusFailureReason.MessageSizeExceeded, true, FaultMeaning.MessageRefused)]
    [InlineData(ServiceBusFailureReason.MessageSizeExceeded, false, FaultMeaning.Unavailable)]
    internal void Z9_Each_reason_has_its_meaning(ServiceBusFailureReason reason, bool carriesMessages, FaultMeaning meaning) =>
        Assert.Equal(meaning, ServiceBusFaults.Decide(new ServiceBusException("x", reason), carriesMessages));

    [Fact]
    public void Z9_Each_reason_of_the_client_is_in_the_table_above() => Assert.Equal(13, Enum.GetValues<ServiceBusFailureReason>().Length);

    [Fact]
    public void Z9_Exceptions_that_are_not_of_the_client_have_a_meaning_too()
    {
#pragma warning disable MA0015 // The client's exceptions name no parameter of this method.
        (Exception Exception, bool CarriesMessages, FaultMeaning Meaning)[] rows =
        [
            (new ArgumentOutOfRangeException(), true, FaultMeaning.MessageRefused),
            (new ArgumentException(), false, FaultMeaning.Unavailable),
            (new UnauthorizedAccessException(), true, FaultMeaning.Unavailable),
            (new CredentialUnavailableException("no identity here"), true, FaultMeaning.Unavailable),
            (new InvalidOperationException(), true, FaultMeaning.Unavailable),
            (new ObjectDisposedException("client"), true, FaultMeaning.Unavailable),
            (new NotSupportedException(), true, FaultMeaning.Unavailable),
            (new TimeoutException(), true, FaultMeaning.TryAgain),
            (new IOException(), true, FaultMeaning.TryAgain),
            (new TaskCanceledException(), true, FaultMeaning.TryAgain),
            (new NullReferenceException(), true, FaultMeaning.Unavailable),
        ];
#pragma warning restore MA0015
        Assert.All(rows, row => Assert.Equal(row.Meaning, ServiceBusFaults.Decide(row.Exception, row.CarriesMessages)));
    }

    private async Task RefuseAsync(FaultPoint point, Fault fault, Func<Task> ask)
    {
        bus.Broker.Faults.Always(point, fault);
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => time.PassAsync(ask()));
        Assert.StartsWith("Service Bus queue 'alerts': ", refused.Message, StringComparison.Ordinal);

        bus.Broker.Faults.Clear();
        await time.PassAsync(ask());
    }
}
