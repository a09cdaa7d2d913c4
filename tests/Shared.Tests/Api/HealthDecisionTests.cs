using Pipeline.Api;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

public sealed class HealthDecisionTests
{
    public static TheoryData<string, bool, string> Rows => new()
    {
        // Everything is there.
        { "Ready", true, "Ready" },
        { "Ready Ready", true, "Ready" },
        { "", true, "Ready" },

        // There is no room for a body: a post would hear 503.
        { "Ready", false, "Overloaded" },

        // A part is away, or doesn't answer; that there is no room either is the lesser trouble.
        { "Ready Away", true, "Unavailable" },
        { "Silent Ready", true, "Unavailable" },
        { "Away", false, "Unavailable" },

        // The store is damaged, whatever else is so.
        { "Corrupt", true, "Corrupt" },
        { "Away Corrupt Silent", false, "Corrupt" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Dash3_Health_is_the_worst_that_is_so(string parts, bool hasRoom, string expected) => Assert.Equal(
        Enum.Parse<HealthStatus>(expected),
        HealthDecision.Decide(parts.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<PartState>), hasRoom));

    [Fact]
    public void Each_state_has_a_word_of_its_own()
    {
        Assert.Equal(["ready", "overloaded", "unavailable", "corrupt"], Enum.GetValues<HealthStatus>().Select(HealthDecision.Words));
        Assert.Equal(["writable", "unwritable", "silent", "corrupt"], Enum.GetValues<PartState>().Select(state => HealthDecision.Words(state, "writable", "unwritable")));
    }
}
