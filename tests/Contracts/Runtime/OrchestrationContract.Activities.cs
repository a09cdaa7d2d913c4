using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Tests.Contracts.Runtime;

public abstract partial class OrchestrationContract
{
    [Fact]
    public async Task Activities_run_in_sequence_and_beside_each_other()
    {
        Catalog.AddActivity<int, int>("double", (number, _) => Task.FromResult(number * 2));
        await BeginAsync(async context =>
        {
            var one = await context.CallActivityAsync<int>("double", 1).ConfigureAwait(true);
            var two = await context.CallActivityAsync<int>("double", one).ConfigureAwait(true);
            var others = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => DoubleAsync(context, two + i))).ConfigureAwait(true);
            return others;
        });

        Assert.Equal([9, 11, 13], await EventualOutputAsync<List<int>>());

        static async Task<int> DoubleAsync(IOrchestrationContext context, int number) => await context.CallActivityAsync<int>("double", number) + 1;
    }

    [Fact]
    public async Task Null_goes_in_and_out()
    {
        Catalog.AddActivity<string?, string?>("echo", (text, _) => Task.FromResult(text));
        await BeginAsync(async context => await context.CallActivityAsync<string?>("echo"));

        Assert.Null(await EventualOutputAsync<string>());
    }

    [Fact]
    public async Task Without_a_policy_a_failure_is_final()
    {
        AddFailingActivity(new TimeoutException("no answer"));
        await BeginAsync(async context =>
        {
            try
            {
                return await context.CallActivityAsync<int>("page", 1);
            }
            catch (ActivityFailedException exception)
            {
                return (string[])[exception.Activity, exception.ErrorType, exception.ErrorMessage];
            }
        });

        Assert.Equal(["page", "TimeoutException", "no answer"], await EventualOutputAsync<List<string>>());
        Assert.Single(Log);
    }

    [Fact]
    public async Task An_activity_failure_that_is_not_caught_fails_the_instance()
    {
        AddFailingActivity(new TimeoutException("no answer"));
        await BeginAsync(async context => await context.CallActivityAsync<int>("page", 1));

        Assert.EndsWith(
            "ActivityFailedException: Activity 'page' failed: TimeoutException: no answer", await EventualFailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_retries_until_it_works_and_waits_in_between()
    {
        Catalog.AddActivity<int, int>(
            "page", (number, _) => Note("try") < 3 ? throw new TimeoutException("no answer") : Task.FromResult(number));
        var policy = new RetryPolicy(5, Host.Unit / 2, BackoffCoefficient: 2, Jitter: 0);
        await BeginAsync(async context =>
        {
            var start = context.CurrentUtcDateTime;
            var answer = await context.CallActivityAsync<int>("page", 42, policy);
            return (long[])[answer, (context.CurrentUtcDateTime - start).Ticks];
        });

        var output = await EventualOutputAsync<long[]>();
        Assert.Equal(42, output[0]);
        Assert.True(output[1] >= (Host.Unit * 1.5).Ticks, $"It waited {TimeSpan.FromTicks(output[1])}.");
        Assert.Equal(3, Log.Count);
    }

    [Fact]
    public async Task What_no_retry_can_mend_is_not_retried()
    {
        AddFailingActivity(new NonRetryableException("no such person"));
        await BeginAsync(async context => await context.CallActivityAsync<int>("page", 1, RetryPolicy.UntilItWorks));

        Assert.EndsWith("NonRetryableException: no such person", await EventualFailureAsync(), StringComparison.Ordinal);
        Assert.Single(Log);
    }

    private void AddFailingActivity(Exception fault) => Catalog.AddActivity<int, int>("page", (_, _) =>
    {
        Note("page");
        throw fault;
    });
}
