using Pipeline.Notifications.Webhook;
using Xunit;

namespace Pipeline.Shared.Tests.Notifications;

public sealed class WebhookSecretsTests
{
    private static readonly WebhookSecrets Secrets = new(
        new Uri("https://robot:pa55%2Fword@hooks.example.com/services/T0A1B2/xoxb-9Z%2F8yX/qwertyuiopasdfghjkl?sig=a+b%2Fc%3D%3D&v=2"), "whsec/Geheim 1ü");

    [Theory]
    // The URL as it is, and with JSON's escape of slashes.
    [InlineData("no /services/T0A1B2/xoxb-9Z/8yX/qwertyuiopasdfghjkl here", "no /[redacted] here")]
    [InlineData(@"{""path"":""\/services\/T0A1B2\/xoxb-9Z\/8yX\/qwertyuiopasdfghjkl""}", @"{""path"":""\/[redacted]""}")]
    // Single segments of the path, the longer word too; a short word tells nothing.
    [InlineData("token xoxb-9Z/8yX is revoked", "token [redacted] is revoked")]
    [InlineData("T0A1B2: unknown, of services", "[redacted]: unknown, of services")]
    [InlineData("no qwertyuiopasdfghjkl", "no [redacted]")]
    // Percent-encoded, in either case, twice, and in part.
    [InlineData("xoxb-9Z%2F8yX xoxb-9Z%2f8yX xoxb-9Z%252F8yX %78oxb%2D9Z/8yX", "[redacted] [redacted] [redacted] [redacted]")]
    // JSON's codes, and JSON inside JSON.
    [InlineData(@"xoxb\u002d9Z\u002F8yX xoxb-9Z\\\/8yX", "[redacted] [redacted]")]
    // Values of the query, decoded and not.
    [InlineData("sig=a+b/c== sig=a%2Bb%2Fc%3D%3D", "sig=[redacted] sig=[redacted]")]
    // User, password and both.
    [InlineData("robot:pa55/word or robot or pa55%2Fword", "[redacted] or [redacted] or [redacted]")]
    // The signing key.
    [InlineData("key whsec/Geheim 1ü, whsec%2FGeheim+1%C3%BC, WHSEC/GEHEIM%201%c3%bc", "key [redacted], [redacted], [redacted]")]
    // Nothing secret.
    [InlineData("rate limit reached, v=2", "rate limit reached, v=2")]
    public void R14_Secrets_are_found_however_they_are_written(string text, string expected) =>
        Assert.Equal(expected, Secrets.Redact(text, text.Length));

    [Fact]
    public void R14_A_secret_that_the_end_of_the_excerpt_tears_is_gone_as_a_whole()
    {
        var text = "no xoxb-9Z/8yX";

        Assert.Equal("no [redacted]", Secrets.Redact(text, keep: 6));
        Assert.Equal("no", Secrets.Redact(text, keep: 2));
    }

    [Fact]
    public void An_address_without_secrets_redacts_nothing() =>
        Assert.Equal("/hook is not there", new WebhookSecrets(new Uri("https://hooks.example.com/hook"), null).Redact("/hook is not there", 100));
}
