using Microsoft.Extensions.Logging;
using Pipeline.Hosting;
using Pipeline.Runtime;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

public sealed class PacedStoreFaultsTests : IDisposable
{
    private static readonly StoreUnavailableException DiskFull = new("Writing pipeline.db failed: database or disk is full");

    private readonly ManualTimeProvider clock = new();
    private readonly LogRecorder log = new();
    private readonly PacedStoreFaults faults;

    public PacedStoreFaultsTests()
    {
        var inner = new LoggerFactory([log]);
        faults = new PacedStoreFaults(inner, clock);
    }

    public void Dispose()
    {
        faults.Dispose();
        log.Dispose();
    }

    [Fact]
    public void R17_A_fault_of_the_store_is_one_line_a_minute_whoever_meets_it_and_without_a_stack_trace()
    {
        for (var second = 0; second < 120; second++)
        {
            foreach (var part in new[] { "pump", "splitter", "engine" })
            {
                faults.CreateLogger(part).LogError(new EventId(7), DiskFull, "The {Part} failed.", part);
            }

            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(
            [
                "The pump failed. Writing pipeline.db failed: database or disk is full",
                "The pump failed. Writing pipeline.db failed: database or disk is full (179 more lines of this fault were left out since the last one.)",
            ],
            log.Entries.Select(entry => entry.Text));
        Assert.All(log.Entries, entry => Assert.Equal((7, LogLevel.Error, null), (entry.Id, entry.Level, entry.Exception)));
    }

    [Fact]
    public void R17_A_fault_that_wraps_it_is_the_same_and_another_is_not()
    {
        var logger = faults.CreateLogger("pump");

        logger.LogError(DiskFull, "One.");
        logger.LogError(new InvalidOperationException("it failed", DiskFull), "Two.");
        logger.LogError(new StoreUnavailableException("Reading failed."), "Three.");

        Assert.Equal([$"One. {DiskFull.Message}", "Three. Reading failed."], log.Entries.Select(entry => entry.Text));
    }

    [Fact]
    public void R17_Every_other_line_goes_through_as_it_is()
    {
        var logger = faults.CreateLogger("pump");
        var mistake = new InvalidOperationException("a mistake of ours");

        logger.LogError(mistake, "One.");
        logger.LogError(mistake, "One.");
        logger.LogInformation("Two.");

        Assert.Equal([mistake, mistake, null], log.Entries.Select(entry => entry.Exception));
    }

    [Fact]
    public void R17_Faults_whose_messages_vary_in_ids_seconds_and_names_are_one_kind()
    {
        var logger = faults.CreateLogger("pump");

        for (var number = 0; number < 100; number++)
        {
            logger.LogError(new StoreUnavailableException($"INC-{number} is changed by too many at once."), "One.");
            logger.LogError(new StoreUnavailableException($"A message of the queue 'alerts' has been due for {300 + number} s."), "Two.");
            logger.LogError(new StoreUnavailableException($"The incident of '{new string('k', number)}' is changed."), "Three.");
        }

        Assert.Equal(["One.", "Two.", "Three."], log.Entries.Select(entry => entry.Text.Split(' ')[0]));
    }

    [Fact]
    public void R17_Faults_that_have_nothing_in_common_use_the_room_up_for_a_minute_only()
    {
        var logger = faults.CreateLogger("pump");
        for (var number = 0; number < 1000; number++)
        {
            logger.LogError(new StoreUnavailableException(new string('x', number + 1)), "One.");
        }

        Assert.InRange(log.Entries.Count, 60, 70);
        clock.Advance(TimeSpan.FromMinutes(1));

        logger.LogError(new StoreUnavailableException("shared"), "Two.");
        logger.LogError(DiskFull, "Three.");
        logger.LogError(new StoreUnavailableException("Reading failed."), "Four.");
        Assert.Equal(["Two.", "Three.", "Four."], log.Entries.TakeLast(3).Select(entry => entry.Text.Split(' ')[0]));
    }
}
