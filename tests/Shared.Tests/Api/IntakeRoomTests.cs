using System.Buffers;
using Pipeline.Alerts;
using Pipeline.Api;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

public sealed class IntakeRoomTests
{
    private const int MiB = 1024 * 1024;

    private readonly IntakeRoom room = new(64 * MiB);

    [Fact]
    public void Dash1_What_is_held_is_charged_and_given_back()
    {
        Assert.True(room.TryGrow(0, 4096));
        Assert.True(room.TryGrow(4096, 30 * MiB));
        Assert.Equal(30 * MiB, room.BytesInHand);

        room.GiveBack(30 * MiB);
        Assert.Equal(0, room.BytesInHand);
        Assert.True(room.TryGrow(0, 48 * MiB));
    }

    [Fact]
    public void Dash1_Large_posts_leave_a_quarter_to_small_ones()
    {
        Assert.True(room.TryGrow(0, 48 * MiB));
        Assert.False(room.TryGrow(0, MiB));
        Assert.False(room.WouldTake(MiB));
        Assert.False(room.TryGrow(0, IntakeRoom.SmallBytes + 1));
        Assert.Equal(48 * MiB, room.BytesInHand);

        Assert.True(room.HasRoom);
        for (var small = 0; small < 16 * MiB / IntakeRoom.SmallBytes; small++)
        {
            Assert.True(room.WouldTake(IntakeRoom.SmallBytes));
            Assert.True(room.TryGrow(0, IntakeRoom.SmallBytes));
        }

        Assert.False(room.HasRoom);
        Assert.False(room.WouldTake(1));
        Assert.False(room.TryGrow(0, 1));
        room.GiveBack(IntakeRoom.SmallBytes);
        Assert.True(room.HasRoom);
    }

    [Fact]
    public void Dash1_A_small_post_that_grows_large_counts_whole_among_the_large()
    {
        Assert.True(room.TryGrow(0, IntakeRoom.SmallBytes));
        Assert.True(room.TryGrow(IntakeRoom.SmallBytes, 40 * MiB));
        Assert.False(room.TryGrow(0, 9 * MiB));

        room.GiveBack(40 * MiB);
        Assert.True(room.TryGrow(0, 48 * MiB));
    }

    [Fact]
    public void Posts_are_counted_while_they_are_here_whole()
    {
        using (room.Enter())
        {
            Assert.Equal(1, room.Posts);
        }

        Assert.Equal(0, room.Posts);
    }

    [Theory]
    // What came, how it was announced, what is charged at most: a sender of little holds little.
    [InlineData(1, null, 64)]
    [InlineData(1, 32 * MiB, 64)]
    [InlineData(600, 600, 1024)]
    [InlineData(20_000, null, 64 * 1024)]
    [InlineData(16_000, 60_000, 64 * 1024)]
    [InlineData(100_000, null, 512 * 1024)]
    [InlineData(600_000, null, MiB)]
    [InlineData(31 * MiB, 32 * MiB, 31 * MiB)]
    public void Dash2_A_body_is_charged_by_what_came_and_not_by_what_was_promised(int came, int? announced, int mostCharged)
    {
        using var memory = new BodyMemory(room);

        Assert.True(memory.TryAppend(new ReadOnlySequence<byte>(new byte[came]), announced));

        Assert.InRange(room.BytesInHand, came, mostCharged);
    }

    [Fact]
    public void Dash1_A_body_keeps_its_bytes_while_it_grows_through_arrays_into_a_block_and_gives_all_back()
    {
        var sent = new byte[AlertLimits.MaxBodyBytes];
        new Random(7).NextBytes(sent);
        using (var memory = new BodyMemory(room))
        {
            var step = 1;
            for (var at = 0; at < sent.Length; at += step, step = Math.Min(step * 2, sent.Length - at))
            {
                Assert.True(memory.TryAppend(new ReadOnlySequence<byte>(sent, at, step), null));
                Assert.InRange(room.BytesInHand, memory.Count, Math.Max(64, Math.Max(4 * memory.Count, memory.Count + BodyMemory.BlockStep)));
            }

            Assert.True(memory.Bytes.Span.SequenceEqual(sent));
        }

        Assert.Equal(0, room.BytesInHand);
    }

    [Fact]
    public void Dash1_A_body_that_finds_no_room_holds_what_it_held()
    {
        room.TryGrow(0, 48 * MiB);
        using var memory = new BodyMemory(room);
        Assert.True(memory.TryAppend(new ReadOnlySequence<byte>(new byte[1000]), null));
        Assert.False(memory.TryAppend(new ReadOnlySequence<byte>(new byte[MiB]), null));
        Assert.False(memory.TryAppend(new ReadOnlySequence<byte>(new byte[100_000]), null));
        Assert.Equal(1000, memory.Bytes.Length);

        memory.Dispose();
        Assert.Equal(48 * MiB, room.BytesInHand);
    }
}
