using System.Text;
using Pipeline.Alerts;
using Xunit;

namespace Pipeline.Shared.Tests.Alerts;

/// <summary>Bodies damaged at random. A seed always damages them the same way; a new seed is a new test.</summary>
public sealed class PostFuzzTests
{
    private const int Rounds = 2000;

    /// <summary>Text that is put in: structure, types, escapes and numbers that readers stumble over.</summary>
    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "0", "-1", "1e999", "\"\"", "{}", "[]", "\\u0000", "\\ud83d", "\\ude00", "\\u0061", "\u0000",
        "\u0085", "🔥", "\"labels\":", "\"status\":", "\"alerts\":", "\"startsAt\":", "\"endsAt\":", "\"resolved\"", "\"0001-01-01T00:00:00Z\"",
        "\"9999-12-31T23:59:59.999999999-23:59\"", "\"alertname\":\"x\"", "{\"labels\":{\"a\":\"b\"}}", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_bodies_throw_nothing_and_check_agrees_with_read(int seed)
    {
#pragma warning disable CA5394 // Repeatable, not secret.
        var random = new Random(seed);
        var accepted = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var (source, _, body) = Posts.Samples[random.Next(Posts.Samples.Count)];
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                body = Damaged(body, random);
            }

            accepted += AssertAgree(source, body);
        }

        Assert.True(accepted > Rounds / 10, "Most damage must leave something that is still read, or this tests little.");
#pragma warning restore CA5394
    }

    [Fact]
    public void Bodies_cut_off_anywhere_are_refused_whole()
    {
        foreach (var (source, _, body) in Posts.Samples)
        {
            var end = body.AsSpan().TrimEnd("\n"u8).Length;
            for (var length = 0; length < end; length++)
            {
                Assert.NotNull(source.Check(body.AsSpan(0, length), Posts.ReceivedAt).Fault);
            }
        }
    }

#pragma warning disable CA5394 // Repeatable, not secret.
    private static byte[] Damaged(byte[] body, Random random)
    {
        var at = random.Next(body.Length);
        var length = random.Next(Math.Min(12, body.Length - at));
        return random.Next(4) switch
        {
            // One bit.
            0 => [.. body[..at], (byte)(body[at] ^ (1 << random.Next(8))), .. body[(at + 1)..]],

            // Some bytes fewer.
            1 => [.. body[..at], .. body[(at + length)..]],

            // Some bytes twice.
            2 => [.. body[..(at + length)], .. body[at..]],

            // A fragment put in, over some bytes.
            _ => [.. body[..at], .. Encoding.UTF8.GetBytes(Fragments[random.Next(Fragments.Length)]), .. body[(at + length)..]],
        };
    }
#pragma warning restore CA5394

    /// <summary>Returns 1 where the post has acceptable alerts.</summary>
    private static int AssertAgree(AlertSource source, byte[] body)
    {
        var check = source.Check(body, Posts.ReceivedAt);
        var indexes = new List<int>();
        var read = source.Read(body, Posts.ReceivedAt, (index, alert) =>
        {
            indexes.Add(index);
            AlertJson.Read(AlertJson.Write(alert));
        });

        Assert.Equal(check.Fault, read.Fault);
        Assert.Equal(check.Rejected, read.Rejected);
        if (check.Fault is null)
        {
            Assert.Equal(check.Accepted, indexes.Count);
            Assert.Empty(indexes.Intersect(check.Rejected.Select(alert => alert.Index)));
        }

        return check.Accepted > 0 ? 1 : 0;
    }
}
