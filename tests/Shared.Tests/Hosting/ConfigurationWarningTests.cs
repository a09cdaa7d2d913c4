using Pipeline.Hosting.Configuration;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

public sealed class ConfigurationWarningTests
{
    private const string Hash = "1f0b6d4b0b1b7a2a9f3b8f8f4ad9d4f3f3a0a6a4f54c8f1f9a87b6c5d4e3f201";
    private const string OtherHash = "2e0b6d4b0b1b7a2a9f3b8f8f4ad9d4f3f3a0a6a4f54c8f1f9a87b6c5d4e3f202";
    private const string HowToHash = "Make it with: printf %s \"$TOKEN\" | sha256sum";

    public static TheoryData<string, string> Doubts => new()
    {
        // The sample's placeholder, switched on as it is.
        {
            $"access: {{tokens: [{{name: app, role: admin, sha256: '{new string('0', 64)}'}}]}}",
            $"1:52: warning: access.tokens[0].sha256: this is a placeholder; no token has this hash, so nobody can call with it. {HowToHash}"
        },

        // Alerts come in, and nobody can take one.
        {
            $"access: {{tokens: [{{name: am, role: ingest, sha256: {Hash}}}]}}",
            "1:1: warning: access.tokens: no token has the role responder or admin, so nobody can acknowledge. Add one: {name: on-call, role: responder, sha256: …}."
        },

        // People can answer, and nothing comes in.
        {
            $"access: {{tokens: [{{name: app, role: responder, sha256: {Hash}}}]}}",
            "1:1: warning: access.tokens: no token has the role ingest or admin, so no alert is taken. Add one: {name: alertmanager, role: ingest, sha256: …}."
        },

        // A policy that wakes nobody.
        {
            "escalation: {default: {levels: [{targets: [console]}], pages: []}}",
            "1:1: warning: escalation.default.pages: the list is empty, so this policy wakes nobody. Name severities, or leave the key out for SEV-1 to SEV-3."
        },

        // A webhook that nobody has as a contact.
        {
            "intake: {keep_posts: 7d}\nchannels: {hook: {kind: webhook, url: 'https://hooks.example.org'}}",
            "2:1: warning: channels.hook: nobody has a contact on this channel, so nothing is sent by it. Add it to a person: contacts: [{channel: hook}]."
        },
    };

    [Theory]
    [MemberData(nameof(Doubts))]
    public void FirstUse_What_can_be_used_and_is_hardly_meant_so_is_a_warning(string yaml, string expected)
    {
        var result = ConfigurationReader.ReadText(yaml, "file.yaml", _ => null);

        Assert.Equal($"file.yaml:{expected}", string.Join('\n', result.Warnings));
        Assert.Empty(result.Problems);
        Assert.NotNull(result.Configuration);
    }

    [Theory]
    // One letter off, and none that is nearly one.
    [InlineData("[servise, environment]", "1:20: warning: correlation.by[0]: no alert has a label 'servise', as far as is known. Did you mean 'service'?")]
    [InlineData("[service, enviroment]", "1:29: warning: correlation.by[1]: no alert has a label 'enviroment', as far as is known. Did you mean 'environment'?")]
    [InlineData("[Service]", "1:20: warning: correlation.by[0]: no alert has a label 'Service', as far as is known. Did you mean 'service'?")]
    [InlineData("[service, team]", "")]
    [InlineData("[service, namespace, tenant]", "")]
    public void D1_A_label_of_the_key_that_is_a_letter_off_is_a_warning(string by, string expected)
    {
        var result = ConfigurationReader.ReadText($"correlation: {{by: {by}}}", "file.yaml", _ => null);

        Assert.Equal(expected.Length == 0 ? "" : $"file.yaml:{expected}", string.Join('\n', result.Warnings));
        Assert.NotNull(result.Configuration);
    }

    [Theory]
    [InlineData("{url: 'http://am:9093', username: a}", "file.yaml:1:26: intake.alertmanagers[0]: username and password belong together. Write both, or neither.")]
    [InlineData("{url: 'http://am:9093', token: env:T, username: a, password: env:T}", "file.yaml:1:57: intake.alertmanagers[0].token: there is a username or password too. Keep the token, or the username and password.")]
    [InlineData("{external_url: 'http://am:9093'}", "file.yaml:1:26: intake.alertmanagers[0]: 'url' is missing. Say where it is asked, like http://alertmanager:9093.")]
    public void D24_An_Alertmanager_that_can_not_be_asked_so_is_a_problem(string alertmanager, string expected) => Assert.Equal(
        expected,
        string.Join('\n', ConfigurationReader.ReadText($"intake: {{alertmanagers: [{alertmanager}]}}", "file.yaml", _ => "set").Problems));

    [Theory]
    [InlineData("")] // the defaults
    [InlineData($"access: {{tokens: [{{name: am, role: ingest, sha256: {Hash}}}, {{name: app, role: responder, sha256: {OtherHash}}}]}}")] // each role by a token of its own
    [InlineData($"access: {{tokens: [{{name: all, role: admin, sha256: {Hash}}}]}}")] // one for all
    public void FirstUse_What_is_meant_is_not_warned_of(string yaml) => Assert.Empty(ConfigurationReader.ReadText(yaml, "file.yaml", _ => null).Warnings);

    /// <summary><c>$TOKEN</c> was not set: everybody without a token would have this one.</summary>
    [Theory]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")] // printf %s "$TOKEN" | sha256sum
    [InlineData("01BA4719C80B6FE911B091A7C05124B64EEECE964E09C058EF8F9805DACA546B")] // echo "$TOKEN" | sha256sum
    public void FirstUse_The_hash_of_an_empty_token_is_refused(string hash)
    {
        var result = ConfigurationReader.ReadText($"access: {{tokens: [{{name: app, role: admin, sha256: {hash}}}]}}", "file.yaml", _ => null);

        var problem = Assert.Single(result.Problems).ToString();
        Assert.Equal($"file.yaml:1:52: access.tokens[0].sha256: this is the hash of an empty token. The variable was not set when it was made. {HowToHash}", problem);
        Assert.Null(result.Configuration);
    }

    /// <summary>What follows from a mistake isn't told beside it.</summary>
    [Fact]
    public void FirstUse_Beside_a_problem_the_whole_is_not_doubted()
    {
        var result = ConfigurationReader.ReadText($"access: {{tokens: [{{name: app, role: respnder, sha256: {Hash}}}]}}", "file.yaml", _ => null);

        Assert.Single(result.Problems);
        Assert.Empty(result.Warnings);
    }
}
