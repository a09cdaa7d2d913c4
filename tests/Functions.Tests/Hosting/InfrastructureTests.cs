using System.Text.RegularExpressions;
using Pipeline.Functions.Hosting;
using Pipeline.Hosting;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Functions.Tests.Hosting;

/// <summary>What infra/ sets up is what the code counts on.</summary>
public sealed partial class InfrastructureTests
{
    [Fact]
    public void Every_setting_that_is_read_is_set_and_every_setting_set_is_read()
    {
        var app = RepositoryFile.Read("infra/modules/functionApp.bicep");
        var settings = app[app.IndexOf("// settings: begin", StringComparison.Ordinal)..app.IndexOf("// settings: end", StringComparison.Ordinal)];
        Assert.Equal(AzureSettings.OfADeployment.Order(), Setting().Matches(settings).Select(match => match.Groups["name"].Value).Order());
    }

    [Fact]
    public void Nothing_else_is_read_from_the_settings()
    {
        var read = Directory.EnumerateFiles(RepositoryFile.PathOf("src/Functions"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Read().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value));
        Assert.DoesNotContain(read, name => name.Contains('"', StringComparison.Ordinal) && !Known.Contains(name));
    }

    [Fact]
    public void The_queues_are_those_of_the_code_with_its_limits()
    {
        var bus = RepositoryFile.Read("infra/modules/serviceBus.bicep");
        Assert.Contains($"var names = [{string.Join(", ", QueueNames.All.Select(name => $"'{name}'"))}]", bus, StringComparison.Ordinal);
        Assert.Contains($"var duplicateWindow = 'PT{QueueLimits.DuplicateWindow.TotalMinutes}M'", bus, StringComparison.Ordinal);
        Assert.Contains("requiresSession: true", bus, StringComparison.Ordinal);
        Assert.Contains("requiresDuplicateDetection: true", bus, StringComparison.Ordinal);
    }

    [Fact]
    public void Service_Bus_itself_gives_up_long_after_the_app_would()
    {
        // The app counts deliveries itself, without those that the store's absence cost; those may go on for a night.
        var most = int.Parse(MaxDeliveries().Match(RepositoryFile.Read("infra/modules/serviceBus.bicep")).Groups["count"].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(most * Pipeline.Functions.ServiceBus.TriggeredQueue.RestWithoutStore > TimeSpan.FromHours(8));
    }

    [Theory]
    // The extension's line for what an orchestrator threw.
    [InlineData("escalation-INC-1: Function 'escalation (Orchestrator)' failed with an error. Reason: no plan. IsReplay: False. State: Failed.")]
    // The framework's line for an instance that never ran; the extension has none for it.
    [InlineData("escalation-INC-1: Orchestration completed with a 'Failed' status and 97 bytes of output. Details: The function 'x' doesn't exist")]
    public void Z3_Every_way_to_fail_is_in_the_query_of_failed_orchestrations(string line) => Assert.Contains(
        Wanted().Matches(RepositoryFile.Read("infra/queries/failed-orchestrations.kql")),
        wanted => line.Contains(wanted.Groups["text"].Value, StringComparison.Ordinal));

    [Fact]
    public void Z3_The_host_keeps_the_lines_that_the_query_reads()
    {
        using var host = System.Text.Json.JsonDocument.Parse(RepositoryFile.Read("host.json"));
        Assert.Equal("Information", host.RootElement.GetProperty("logging").GetProperty("logLevel").GetProperty("DurableTask.Core").GetString());
    }

    [Fact]
    public void Z6_A_queue_that_is_never_empty_is_an_alert()
    {
        var alerts = RepositoryFile.Read("infra/modules/alerts.bicep");
        var rule = alerts[alerts.IndexOf("resource stuckQueues", StringComparison.Ordinal)..alerts.IndexOf("resource heartbeat", StringComparison.Ordinal)];
        Assert.Contains("metricName: 'ActiveMessages'", rule, StringComparison.Ordinal);
        Assert.Contains("timeAggregation: 'Minimum'", rule, StringComparison.Ordinal);
        Assert.Contains("values: queueNames", rule, StringComparison.Ordinal);
    }

    // Parts of an identity-based connection.
    private static readonly string[] Known = ["\"accountName\"", "\"endpoint\"", "\"clientId\"", "\"fullyQualifiedNamespace\""];

    [GeneratedRegex(@"^\s*(?<name>\w+):", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Setting();

    [GeneratedRegex(@"(settings|section|[cC]onfiguration)\[(?<name>[^\]]+)\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Read();

    [GeneratedRegex("(?<!!)contains \"(?<text>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Wanted();

    [GeneratedRegex(@"var maxDeliveries = (?<count>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MaxDeliveries();
}
