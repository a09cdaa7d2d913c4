namespace Pipeline.Runtime;

/// <summary>What every adapter of <see cref="IPostLog"/> checks and keeps alike.</summary>
internal static class PostLogRules
{
    /// <summary>So much of a rejected post is kept: enough to see what was wrong, too little to fill a disk with.</summary>
    public const int MaxRejectedBytes = 64 * 1024;

    public static ReadOnlyMemory<byte> BodyToKeep(ReceivedPost post) =>
        post.RejectedBecause is not null && post.Body.Length > MaxRejectedBytes ? post.Body[..MaxRejectedBytes] : post.Body;

    /// <summary>Throws <see cref="ArgumentException"/> unless <paramref name="posts"/> are the oldest unsplit ones, all of them, in order.</summary>
    /// <param name="oldestUnsplit">The unsplit posts up to the last of <paramref name="posts"/>, in order.</param>
    public static void CheckSplit(IReadOnlyList<long> posts, IReadOnlyList<long> oldestUnsplit)
    {
        if (posts.Count == 0 || !posts.SequenceEqual(oldestUnsplit))
        {
            throw new ArgumentException(
                $"Posts are split from the oldest on, in order: expected [{string.Join(", ", oldestUnsplit)}], got [{string.Join(", ", posts)}].",
                nameof(posts));
        }
    }

    /// <summary>Throws for a page that isn't 1 to 1000 posts.</summary>
    public static void CheckTake(int take)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(take, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(take, 1000);
    }
}
