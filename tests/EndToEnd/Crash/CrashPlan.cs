namespace Pipeline.EndToEnd.Crash;

/// <summary>The figures of the crash test, in one place.</summary>
internal static class CrashPlan
{
    public const int Kills = 22;

    /// <summary>Of the kills, this share comes so soon after the start that the program may not be ready yet.</summary>
    public const double ShareKilledWhileStarting = 0.2;

    public const int Clients = 4;

    public const int AlertsPerClient = 150;

    /// <summary>How much later than an acknowledgement's answer a page may arrive: it was on its way already.</summary>
    public static readonly TimeSpan InFlight = TimeSpan.FromMilliseconds(500);

    /// <summary>Longer than any life of the program before the last one: a wait that began anew at each start would never end.</summary>
    public static readonly TimeSpan LevelTimeout = TimeSpan.FromSeconds(6);

    public static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(3.5);

    /// <summary>
    /// How long the program may have been up, all in all, between the time a page was due and its arrival; or <see cref="LateInStarts"/> times as
    /// long as it took to start, on a machine that is slow.
    /// </summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(5);

    public const int LateInStarts = 4;

    /// <summary>How much earlier than its timeout a page may seem to come: the line on the timeline that it is measured from is written a little later.</summary>
    public static readonly TimeSpan Early = TimeSpan.FromMilliseconds(500);

    /// <summary>A new service begins to fail so often, until all do.</summary>
    public static readonly TimeSpan NextService = TimeSpan.FromSeconds(1);

    /// <summary>How long the program may take after the last start to have applied what it accepted and paged what is due.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(60);

    /// <summary>Who is paged, level by level; the ladder runs twice.</summary>
    public static readonly IReadOnlyList<string> Ladder = ["alice", "bob", "carol", "alice", "bob", "carol"];

    public static readonly IReadOnlyList<FailingService> Services =
    [
        .. Enumerable.Range(0, 6).Select(number => new FailingService($"unanswered-{number}", ServiceFate.NobodyAcknowledges)),
        .. Enumerable.Range(0, 6).Select(number => new FailingService($"acknowledged-{number}", ServiceFate.Acknowledged)),
        .. Enumerable.Range(0, 4).Select(number => new FailingService($"flapping-{number}", ServiceFate.Flaps)),
    ];

    public static string Configuration(Uri receiver)
    {
        var seconds = LevelTimeout.TotalSeconds;
        return $$"""
            channels:
              hook: { kind: webhook, url: "{{receiver}}" }
            people:
              alice: { name: Alice, contacts: [ { channel: hook, address: alice } ] }
              bob: { name: Bob, contacts: [ { channel: hook, address: bob } ] }
              carol: { name: Carol, contacts: [ { channel: hook, address: carol } ] }
            escalation:
              default:
                levels:
                  - { name: primary, targets: [ alice ], timeout: {{seconds}}s }
                  - { name: secondary, targets: [ bob ], timeout: {{seconds}}s }
                  - { name: manager, targets: [ carol ], timeout: {{seconds}}s }
                repeat: 1
            """;
    }
}

internal enum ServiceFate
{
    /// <summary>Some of its alerts never resolve, so its incident stays open and its ladder runs to the end.</summary>
    NobodyAcknowledges,

    /// <summary>Some of its alerts never resolve; somebody acknowledges.</summary>
    Acknowledged,

    /// <summary>All of its alerts resolve and fire again.</summary>
    Flaps,
}

internal sealed record FailingService(string Name, ServiceFate Fate);
