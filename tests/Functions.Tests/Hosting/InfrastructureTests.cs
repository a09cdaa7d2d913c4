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

    // Parts of an identity-based connection.
    private static readonly string[] Known = ["\"accountName\"", "\"endpoint\"", "\"clientId\"", "\"fullyQualifiedNamespace\""];

    [GeneratedRegex(@"^\s*(?<name>\w+):", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Setting();

    [GeneratedRegex(@"(settings|section|[cC]onfiguration)\[(?<name>[^\]]+)\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Read();

    [GeneratedRegex(@"var maxDeliveries = (?<count>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MaxDeliveries();
}
