using Pipeline.Hosting;
using Pipeline.Incidents;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

public sealed class PeopleNamesTests
{
    private static readonly PeopleNames Names = new(new[]
    {
        new Person("alice", "Alice Chen", []),
        new Person("bob", "bob", []),
        new Person("ann1", "Ann Lee", []),
        new Person("ann2", "Ann Lee", []),
    }.ToDictionary(person => person.Id, StringComparer.Ordinal));

    [Theory]
    [InlineData("alice", "alice", "Alice Chen")]
    [InlineData("ALICE", "alice", "Alice Chen")] // as somebody typed it
    [InlineData("alice chen", "alice", "Alice Chen")] // by the name
    [InlineData("bob", "bob", "bob")] // has no other name
    [InlineData("Ann Lee", "Ann Lee", "Ann Lee")] // two of that name: which of them isn't known
    [InlineData("ann1", "ann1", "Ann Lee")]
    [InlineData("ci-token", "ci-token", "ci-token")] // nobody that the configuration knows
    [InlineData("", "", "")]
    public void FirstUse_Data_keep_the_id_and_texts_show_the_name(string given, string id, string name)
    {
        Assert.Equal(id, Names.IdOf(given));
        Assert.Equal(name, Names.NameOf(given));
        Assert.Equal(name, Names.AuthorOf(given));
    }

    [Fact]
    public void FirstUse_The_program_that_passed_a_command_on_stays_behind_the_name() =>
        Assert.Equal("Alice Chen (by on-call app)", Names.AuthorOf(PeopleNames.Author("alice", "on-call app")!));
}
