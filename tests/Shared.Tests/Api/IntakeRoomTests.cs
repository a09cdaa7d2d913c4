using Pipeline.Alerts;
using Pipeline.Api;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

public sealed class IntakeRoomTests
{
    private readonly IntakeRoom room = new();

    [Fact]
    public void The_bodies_in_hand_have_a_bound_and_who_leaves_makes_room()
    {
        var places = Enumerable.Range(0, (int)(IntakeRoom.MaxBytes / AlertLimits.MaxBodyBytes)).Select(_ => room.Take(AlertLimits.MaxBodyBytes)).ToList();
        Assert.Throws<StoreUnavailableException>(() => room.Take(AlertLimits.MaxBodyBytes));
        Assert.Equal(places.Count, room.Posts);

        places[0].Dispose();
        using (room.Take(AlertLimits.MaxBodyBytes))
        {
            Assert.Equal(places.Count, room.Posts);
        }
    }

    [Fact]
    public void A_post_without_a_length_takes_some_room()
    {
        for (var taken = 0; taken < 64; taken++)
        {
            room.Take(null);
        }

        Assert.Throws<StoreUnavailableException>(() => room.Take(null));
    }

    [Fact]
    public void A_length_that_will_be_refused_takes_no_more_than_a_post_may() => room.Take(long.MaxValue).Dispose();
}
