using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Xunit;

namespace Pipeline.Functions.Tests.Hosting;

/// <summary>The Functions host reads functions.metadata, which the worker's SDK writes beside the app, and not the attributes.</summary>
public sealed class FunctionMetadataTests
{
    private static readonly JsonElement[] Generated = JsonSerializer.Deserialize<JsonElement[]>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "functions.metadata")))!;

    [Fact]
    public void The_generated_metadata_names_every_function_and_no_other() =>
        Assert.Equal(FunctionMethods.All.Keys.Order(), Generated.Select(NameOf).Order());

    [Theory]
    [InlineData("httpTrigger", typeof(HttpTriggerAttribute))]
    [InlineData("serviceBusTrigger", typeof(ServiceBusTriggerAttribute))]
    [InlineData("timerTrigger", typeof(TimerTriggerAttribute))]
    [InlineData("orchestrationTrigger", typeof(OrchestrationTriggerAttribute))]
    [InlineData("activityTrigger", typeof(ActivityTriggerAttribute))]
    public void Each_function_has_the_trigger_of_its_attribute(string binding, Type attribute)
    {
        var declared = FunctionMethods.All
            .Where(function => function.Value.GetParameters().Any(parameter => parameter.IsDefined(attribute, inherit: false)))
            .Select(function => function.Key);
        var generated = Generated.Where(function => BindingsOf(function).Contains(binding)).Select(NameOf);
        Assert.Equal(declared.Order(), generated.Order());
        Assert.NotEmpty(generated);
    }

    [Fact]
    public void A_queue_function_takes_one_message_of_a_session_and_settles_it_itself() => Assert.All(
        Generated.SelectMany(function => function.GetProperty("bindings").EnumerateArray())
            .Where(binding => TypeOf(binding) == "serviceBusTrigger"),
        binding =>
        {
            Assert.True(binding.GetProperty("isSessionsEnabled").GetBoolean());
            Assert.False(binding.GetProperty("autoCompleteMessages").GetBoolean());
            Assert.Equal("One", binding.GetProperty("cardinality").GetString());
        });

    [Fact]
    public void Z4_Intake_health_and_what_only_reads_or_queues_does_not_depend_on_the_durable_client() => Assert.Equal(
        [
            "GetDeliveries", "GetIncident", "GetPostmortem", "GetReport", "GetTimeline", "Health", "ListDeadLetters", "ListIncidents",
            "ListReports", "PostAlertmanagerWebhook", "PostPrometheusAlerts", "PostPrometheusAlertsV1",
            "RetryDeadLetter",
        ],
        Generated.Where(function => !BindingsOf(function).Contains("durableClient") && !BindingsOf(function).Contains("orchestrationTrigger"))
            .Select(NameOf).Order());

    [Fact]
    public void Z12_What_no_other_function_serves_is_the_apps_and_the_host_tries_it_last()
    {
        // The host matches routes in the order of the functions' names.
        var last = Generated.Where(function => BindingsOf(function).Contains("httpTrigger")).MaxBy(NameOf, StringComparer.OrdinalIgnoreCase);
        var trigger = last.GetProperty("bindings").EnumerateArray().Single(binding => TypeOf(binding) == "httpTrigger");
        Assert.Equal("{*path}", trigger.GetProperty("route").GetString());
    }

    [Fact]
    public void Z11_No_timer_has_the_host_keep_what_it_missed()
    {
        var timers = Generated.SelectMany(function => function.GetProperty("bindings").EnumerateArray())
            .Where(binding => TypeOf(binding) == "timerTrigger").ToList();
        Assert.Equal(3, timers.Count);
        Assert.All(timers, timer => Assert.False(timer.GetProperty("useMonitor").GetBoolean()));
    }

    private static string NameOf(JsonElement function) => function.GetProperty("name").GetString()!;

    private static string TypeOf(JsonElement binding) => binding.GetProperty("type").GetString()!;

    private static IEnumerable<string> BindingsOf(JsonElement function) =>
        function.GetProperty("bindings").EnumerateArray().Select(TypeOf);
}
