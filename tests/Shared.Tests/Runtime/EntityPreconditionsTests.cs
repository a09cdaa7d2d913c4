using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class EntityPreconditionsTests
{
    public static TheoryData<EntityWrite, string?, CommitStatus> Table { get; } = new()
    {
        // An insert wants the row free.
        { new EntityWrite.Insert("r", default), null, CommitStatus.Committed },
        { new EntityWrite.Insert("r", default), "1", CommitStatus.Conflict },

        // A replace wants the row as it was read.
        { new EntityWrite.Replace("r", default, "1"), "1", CommitStatus.Committed },
        { new EntityWrite.Replace("r", default, "1"), "2", CommitStatus.PreconditionFailed },
        { new EntityWrite.Replace("r", default, "1"), null, CommitStatus.NotFound },

        // An upsert wants nothing.
        { new EntityWrite.Upsert("r", default), null, CommitStatus.Committed },
        { new EntityWrite.Upsert("r", default), "1", CommitStatus.Committed },

        // A delete wants a row, and where it names an ETag, that one.
        { new EntityWrite.Delete("r"), "1", CommitStatus.Committed },
        { new EntityWrite.Delete("r"), null, CommitStatus.NotFound },
        { new EntityWrite.Delete("r", "1"), "1", CommitStatus.Committed },
        { new EntityWrite.Delete("r", "1"), "2", CommitStatus.PreconditionFailed },
        { new EntityWrite.Delete("r", "1"), null, CommitStatus.NotFound },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_write_is_let_through_or_refused_by_what_stands_in_its_row(EntityWrite write, string? currentETag, CommitStatus expected) =>
        Assert.Equal(expected, EntityPreconditions.Check(write, currentETag));
}
