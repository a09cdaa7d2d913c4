using Pipeline.Functions.Tables;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Functions.Tests.Tables;

public sealed class RowKeyFilterTests
{
    public static TheoryData<string, RowKeyRange, string> Ranges => new()
    {
        // The whole partition.
        { "p", RowKeyRange.All, "PartitionKey eq 'p'" },
        // A quote is doubled.
        { "o'clock", new RowKeyRange { From = "''" }, "PartitionKey eq 'o''clock' and RowKey ge ''''''" },
        // Every bound at once.
        { "p", new RowKeyRange { From = "a", After = "b", Before = "c" }, "PartitionKey eq 'p' and RowKey ge 'a' and RowKey gt 'b' and RowKey lt 'c'" },
        // An empty bound is a bound.
        { "", new RowKeyRange { From = "" }, "PartitionKey eq '' and RowKey ge ''" },
        // A prefix ends before the character after its last.
        { "p", RowKeyRange.StartingWith("alert|"), "PartitionKey eq 'p' and RowKey ge 'alert|' and RowKey lt 'alert}'" },
        // The character after the last one is a quote.
        { "p", RowKeyRange.StartingWith("a&"), "PartitionKey eq 'p' and RowKey ge 'a&' and RowKey lt 'a'''" },
        // The empty prefix has no last character.
        { "p", RowKeyRange.StartingWith(""), "PartitionKey eq 'p' and RowKey ge '' and RowKey lt '\uffff'" },
        // After ~ comes a control character, after U+D7FF a surrogate, after U+FFFE what is no character: the bound stays as it is.
        { "p", RowKeyRange.StartingWith("a~"), "PartitionKey eq 'p' and RowKey ge 'a~' and RowKey lt 'a~\uffff'" },
        { "p", RowKeyRange.StartingWith("a\ud7ff"), "PartitionKey eq 'p' and RowKey ge 'a\ud7ff' and RowKey lt 'a\ud7ff\uffff'" },
        { "p", RowKeyRange.StartingWith("a\ufffe"), "PartitionKey eq 'p' and RowKey ge 'a\ufffe' and RowKey lt 'a\ufffe\uffff'" },
    };

    [Theory]
    [MemberData(nameof(Ranges))]
    public void A_range_is_a_filter(string partitionKey, RowKeyRange range, string filter) =>
        Assert.Equal(filter, RowKeyFilter.For(partitionKey, range));
}
