using Pipeline.Hosting.Configuration;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

public sealed class SecretReferenceTests
{
    [Fact]
    public void A_reference_finds_its_value_and_prints_only_itself()
    {
        var reference = SecretReference.Parse("env:HOOK_SECRET");

        Assert.NotNull(reference);
        Assert.Equal("s3cret", reference.Resolve(name => string.Equals(name, "HOOK_SECRET", StringComparison.Ordinal) ? "s3cret" : null));
        Assert.Equal("env:HOOK_SECRET", $"{reference}");
    }

    /// <summary>Each of these could be a secret that somebody wrote in the reference's place.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("HOOK_SECRET")]
    [InlineData("env:")]
    [InlineData("env: HOOK_SECRET")]
    [InlineData("env:1SECRET")]
    [InlineData("env:HOOK-SECRET")]
    [InlineData("env:HOOK_SECRET\n")]
    [InlineData("ENV:HOOK_SECRET")]
    public void Anything_else_is_no_reference(string? text)
    {
        Assert.Null(SecretReference.Parse(text));
        Assert.Null(SecretReference.Resolver(_ => "s3cret")(text!));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void An_unset_or_empty_variable_is_no_secret(string? value)
    {
        Assert.Null(SecretReference.Resolver(_ => value)("env:HOOK_SECRET"));
    }
}
