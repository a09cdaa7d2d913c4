namespace Pipeline.Bench.Load;

/// <summary>What one turn of load came to.</summary>
/// <param name="Posts">Answered 2xx inside the measured time.</param>
/// <param name="Failed">Answered otherwise, or not at all.</param>
internal sealed record LoadResult(long Posts, long Failed, TimeSpan Elapsed, int AlertsPerPost, Latencies Latencies)
{
    public double PostsPerSecond => Posts / Elapsed.TotalSeconds;

    public double AlertsPerSecond => PostsPerSecond * AlertsPerPost;
}
