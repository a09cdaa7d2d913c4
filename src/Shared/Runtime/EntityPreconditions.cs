namespace Pipeline.Runtime;

/// <summary>Whether a write may happen to a row as it is; the same answer in every adapter that decides for itself.</summary>
internal static class EntityPreconditions
{
    /// <param name="currentETag">Null where the row doesn't exist.</param>
    /// <returns><see cref="CommitStatus.Committed"/> where nothing stands against it.</returns>
    public static CommitStatus Check(EntityWrite write, string? currentETag) => write switch
    {
        EntityWrite.Insert => currentETag is null ? CommitStatus.Committed : CommitStatus.Conflict,
        EntityWrite.Replace replace => CheckETag(replace.ETag, currentETag),
        EntityWrite.Delete delete => CheckETag(delete.ETag ?? currentETag, currentETag),
        EntityWrite.Upsert => CommitStatus.Committed,
        _ => throw new ArgumentException($"{write.GetType().Name} is no write this program knows.", nameof(write)),
    };

    private static CommitStatus CheckETag(string? expected, string? current)
    {
        if (current is null)
        {
            return CommitStatus.NotFound;
        }

        return string.Equals(expected, current, StringComparison.Ordinal) ? CommitStatus.Committed : CommitStatus.PreconditionFailed;
    }
}
