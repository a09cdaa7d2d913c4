using Pipeline.Hosting;
using Pipeline.Standalone.Commands;
using Xunit;

namespace Pipeline.Standalone.Tests.Commands;

public sealed class WelcomeTests
{
    private static readonly PipelineConfiguration WithToken = PipelineConfiguration.BuiltIn with
    {
        Access = new AccessConfiguration { Tokens = [new AccessToken("alertmanager", AccessRole.Ingest, new string('a', 64))] },
    };

    [Fact]
    public void FirstUse_Without_tokens_the_welcome_is_two_commands_that_work_as_they_are()
    {
        var said = Write(PipelineConfiguration.BuiltIn, "http://localhost:8080");

        Assert.StartsWith("Listening on http://localhost:8080\nNo token is configured", said, StringComparison.Ordinal);
        Assert.Contains("- url: http://localhost:8080/api/alerts/alertmanager", said, StringComparison.Ordinal);
        Assert.Contains("curl -H 'Content-Type: application/json' http://localhost:8080/api/v2/alerts -d '[{\"labels\":{", said, StringComparison.Ordinal);
        Assert.Contains("curl http://localhost:8080/api/incidents", said, StringComparison.Ordinal);
        Assert.DoesNotContain("TOKEN", said, StringComparison.Ordinal);
    }

    [Fact]
    public void FirstUse_With_tokens_every_command_carries_one_and_Alertmanager_is_told_how()
    {
        var said = Write(WithToken, "http://localhost:8080");

        var commands = said.Split('\n').Where(line => line.TrimStart().StartsWith("curl", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, commands.Count);
        Assert.All(commands, command => Assert.Contains("-H \"Authorization: Bearer $TOKEN\"", command, StringComparison.Ordinal));
        Assert.Contains(
            "send_resolved: true\n          http_config:\n            authorization:\n              credentials_file: ", said, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('a', 64), said, StringComparison.Ordinal);
    }

    [Fact]
    public void FirstUse_An_address_that_nobody_can_call_is_replaced_by_the_machines_name()
    {
        var said = Write(WithToken, "http://0.0.0.0:7071", "http://[::]:7072");

        Assert.StartsWith(
            "Listening on http://0.0.0.0:7071, reached by http://ops1:7071\nListening on http://[::]:7072, reached by http://ops1:7072\n", said, StringComparison.Ordinal);
        Assert.Contains("- url: http://ops1:7071/api/alerts/alertmanager", said, StringComparison.Ordinal);
        Assert.DoesNotContain("curl http://0.0.0.0", said, StringComparison.Ordinal);
    }

    private static string Write(PipelineConfiguration configuration, params string[] urls)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Welcome.Write(output, urls, "./data", "pipeline.yaml", configuration, "ops1");
        return output.ToString();
    }
}
