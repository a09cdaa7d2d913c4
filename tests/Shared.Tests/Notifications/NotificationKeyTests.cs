using Pipeline.Notifications;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

public sealed class NotificationKeyTests
{
    [Fact]
    public void A_key_names_incident_purpose_and_step() =>
        Assert.Equal("page:INC-7:1:level2.0:alice:hook", NotificationKey.Of(NotificationPurpose.Page, "INC-7", 1, "level2.0", "alice", "hook"));

    [Fact]
    public void Parts_that_contain_the_separator_make_different_keys() =>
        Assert.NotEqual(
            NotificationKey.Of(NotificationPurpose.Page, "INC-7", 1, "level1", "alice:b", "hook"),
            NotificationKey.Of(NotificationPurpose.Page, "INC-7", 1, "level1", "alice", "b:hook"));

    [Theory]
    // An ordinary key stays as it is.
    [InlineData("page:INC-7:1:level2.0:alice:hook", true)]
    // A header can't hold letters beyond ASCII.
    [InlineData("page:INC-7:1:level2.0:zoë:hook", false)]
    // A table's key can't hold a slash.
    [InlineData("page:INC-7:1:level2.0:a/b:hook", false)]
    // Neither can hold a line break.
    [InlineData("page:INC-7\r\nX-Injected: yes", false)]
    // Nothing can be named by nothing.
    [InlineData("", false)]
    public void A_message_id_fits_queue_header_and_table(string key, bool unchanged)
    {
        var id = NotificationKey.MessageIdOf(key);

        Assert.Equal(unchanged, id == key);
        Assert.InRange(id.Length, 1, QueueLimits.MaxIdCharacters);
        Assert.All(id, character => Assert.True(char.IsAscii(character) && !char.IsControl(character) && character != ' '));
        EntityLimits.CheckKey(id, nameof(key));
    }

    [Fact]
    public void Long_keys_that_differ_at_the_end_have_different_ids_of_full_length()
    {
        var one = NotificationKey.MessageIdOf(new string('a', 300) + "1");
        var other = NotificationKey.MessageIdOf(new string('a', 300) + "2");

        Assert.NotEqual(one, other);
        Assert.Equal(QueueLimits.MaxIdCharacters, one.Length);
        Assert.Equal(one, NotificationKey.MessageIdOf(new string('a', 300) + "1"));
    }

    [Theory]
    [InlineData("page:INC-7:3:level2.0:alice:hook", 3)]
    [InlineData("page:INC-7:3:level2.0::console", 3)] // a room
    [InlineData("page:INC-7:x:level2.0:alice:hook", null)]
    [InlineData("something else", null)]
    public void FirstUse_A_key_tells_its_round(string key, int? round) => Assert.Equal(round, NotificationKey.RoundOf(key));

    [Fact]
    public void FirstUse_Names_with_colons_hide_no_round() =>
        Assert.Equal(4, NotificationKey.RoundOf(NotificationKey.Of(NotificationPurpose.Page, "INC:7", 4, "a:b", "c:d", "e:f")));
}
