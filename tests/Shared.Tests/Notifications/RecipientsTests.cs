using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

public sealed class RecipientsTests
{
    private static readonly PipelineConfiguration Configuration = new()
    {
        People = new[]
        {
            new Person("alice", "Alice Chen", [new ContactMethod("hook", "https://a.example"), new ContactMethod("hook", "https://b.example")]),
            new Person("bob", "Bob Ito", [new ContactMethod("console")]),
            new Person("ann1", "Ann Lee", [new ContactMethod("hook", "1")]),
            new Person("ann2", "Ann Lee", [new ContactMethod("hook", "2")]),
            new Person("mute", "Max Mute", []),
        }.ToDictionary(person => person.Id, StringComparer.Ordinal),
        Services = new Dictionary<string, ServiceConfiguration>(StringComparer.Ordinal)
        {
            ["payments"] = new("payments") { Escalation = "payments" },
            ["plain"] = new("plain"),
        },
        Escalation = new Dictionary<string, EscalationPolicyConfiguration>(StringComparer.Ordinal)
        {
            ["default"] = new("default", [Level("bob", "bob"), Level("alice")]),
            ["payments"] = new("payments", [Level("ann1", "bob")]),
        },
    };

    [Theory]
    // The commander by id.
    [InlineData("checkout", "alice", null, "Alice Chen")]
    // By name, however it is written.
    [InlineData("checkout", "ALICE CHEN", null, "Alice Chen")]
    // Two of one name: both.
    [InlineData("checkout", "Ann Lee", null, "Ann Lee, Ann Lee")]
    // The commander goes before the owner.
    [InlineData("checkout", "alice", "bob", "Alice Chen")]
    // Nobody's name, such as a token's: the owner.
    [InlineData("checkout", "ci-token", "alice", "Alice Chen")]
    // No commander, no owner: the first level of the default policy, each once.
    [InlineData("checkout", null, null, "Bob Ito")]
    // A service that names no policy.
    [InlineData("plain", null, null, "Bob Ito")]
    // A service with its own.
    [InlineData("payments", null, null, "Ann Lee, Bob Ito")]
    // An owner who left the configuration.
    [InlineData("payments", null, "gone", "Ann Lee, Bob Ito")]
    // A commander who can't be reached: whoever watches the console.
    [InlineData("checkout", "mute", null, "the console")]
    public void Somebody_answers_for_every_incident(string service, string? commander, string? owner, string expected) =>
        Assert.Equal(expected, new Recipients(Configuration).LeadOf(Head(service, commander), owner).Names);

    [Fact]
    public void With_nobody_configured_the_console_is_told()
    {
        var audience = new Recipients(new PipelineConfiguration()).LeadOf(Head("checkout", "alice"));
        Assert.Equal([new Recipient(null, new ContactMethod("console"))], audience.Recipients);
    }

    [Fact]
    public void Two_addresses_on_one_channel_are_two_notifications()
    {
        var notifications = new Recipients(Configuration).Of(["alice"]).Address(Message());
        Assert.Equal(["https://a.example", "https://b.example"], notifications.Select(notification => notification.Address));
        Assert.Equal(2, notifications.Select(notification => notification.Key).Distinct().Count());
    }

    [Fact]
    public void The_same_way_to_the_same_person_is_used_once()
    {
        var audience = new Recipients(Configuration).Of(["alice", "bob"]).And(new Recipients(Configuration).Of(["bob"]));
        Assert.Equal(3, audience.Address(Message()).Count);
    }

    private static EscalationLevel Level(params string[] targets) => new("level", targets, TimeSpan.FromMinutes(5));

    private static IncidentMessage Message() => new(
        NotificationPurpose.StakeholderUpdate, Head("checkout", null), 1, "update1", "Update", "Text", Link: null, DateTimeOffset.UnixEpoch);

    private static Incident Head(string service, string? commander) => new()
    {
        Id = "INC-1",
        Number = 1,
        Title = "It fails",
        Severity = Severity.Sev1,
        SeverityReason = "label",
        Stage = IncidentStage.Detected,
        Service = service,
        Environment = "production",
        CorrelationKey = service,
        StartedAt = DateTimeOffset.UnixEpoch,
        DetectedAt = DateTimeOffset.UnixEpoch,
        RoundStartedAt = DateTimeOffset.UnixEpoch,
        Commander = commander,
    };
}
