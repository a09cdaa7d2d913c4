using Pipeline.Incidents;

namespace Pipeline.Hosting;

/// <summary>What <c>pipeline.yaml</c> says. Every default is here, and equals the seeds' tables where they have one.</summary>
public sealed record PipelineConfiguration
{
    /// <summary>The channel that always exists, and the person who is paged when nobody is configured.</summary>
    public const string Console = "console";

    /// <summary>The escalation policy of services that name none.</summary>
    public const string DefaultPolicy = "default";

    /// <summary>What an empty file means: the seeds' ladder, visibly paging the person <c>console</c> on the channel <c>console</c>.</summary>
    public static PipelineConfiguration BuiltIn { get; } = new()
    {
        People = new Dictionary<string, Person>(StringComparer.Ordinal) { [Console] = new(Console, "Console", [new(Console)]) },
        Channels = new Dictionary<string, ChannelConfiguration>(StringComparer.Ordinal) { [Console] = new(Console, ChannelKind.Console) },
        Escalation = new Dictionary<string, EscalationPolicyConfiguration>(StringComparer.Ordinal)
        {
            [DefaultPolicy] = new(
                DefaultPolicy,
                [.. EscalationLevel.SeedLadder.Select(level => new EscalationLevel(level.Name, [Console], level.Timeout))]),
        },
    };

    public ServerConfiguration Server { get; init; } = new();

    public AccessConfiguration Access { get; init; } = new();

    public IntakeConfiguration Intake { get; init; } = new();

    public CorrelationConfiguration Correlation { get; init; } = new();

    public SeverityConfiguration Severity { get; init; } = new();

    /// <summary>By id, e.g. <c>alice</c>.</summary>
    public IReadOnlyDictionary<string, Person> People { get; init; } = new Dictionary<string, Person>(StringComparer.Ordinal);

    /// <summary>By name. A channel <c>console</c> always exists.</summary>
    public IReadOnlyDictionary<string, ChannelConfiguration> Channels { get; init; } = new Dictionary<string, ChannelConfiguration>(StringComparer.Ordinal);

    /// <summary>By name; <c>default</c> is used by services that name none.</summary>
    public IReadOnlyDictionary<string, EscalationPolicyConfiguration> Escalation { get; init; } =
        new Dictionary<string, EscalationPolicyConfiguration>(StringComparer.Ordinal);

    /// <summary>By name, as the alerts' service label gives it.</summary>
    public IReadOnlyDictionary<string, ServiceConfiguration> Services { get; init; } = new Dictionary<string, ServiceConfiguration>(StringComparer.Ordinal);

    public CadenceConfiguration Cadence { get; init; } = new();

    public PostmortemConfiguration Postmortem { get; init; } = new();

    public ReportConfiguration Reports { get; init; } = new();

    /// <summary>
    /// Links point to <paramref name="address"/>, where the host is reached, and below <c>server.path_base</c>, unless the file says otherwise.
    /// </summary>
    public PipelineConfiguration ReachedBy(Uri address) => Reports.BaseUrl is not null
        ? this
        : this with { Reports = Reports with { BaseUrl = new Uri(address, $"{Server.PathBase}/") } };
}

/// <summary>How the HTTP API is reached, on whatever host.</summary>
public sealed record ServerConfiguration
{
    /// <summary>The path below which the API is too, such as <c>/pipeline</c> without a slash at its end; empty for the root alone.</summary>
    public string PathBase { get; init; } = "";
}

public enum AccessRole
{
    Ingest,
    Viewer,
    Responder,
    Admin,
}

public sealed record AccessConfiguration
{
    /// <summary>None: the host serves loopback only, everybody there is an admin.</summary>
    public IReadOnlyList<AccessToken> Tokens { get; init; } = [];
}

/// <param name="Name">Who it is, for the timeline and the audit.</param>
/// <param name="Sha256">SHA-256 of the token's UTF-8, 64 hex digits. The token itself stands nowhere.</param>
public sealed record AccessToken(string Name, AccessRole Role, string Sha256);

public sealed record IntakeConfiguration
{
    /// <summary>How long received payloads are kept for replay and audit.</summary>
    public TimeSpan KeepPosts { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The memory in bytes that bodies of posts may take together, from their first bytes to their answers. Beyond it posts hear 503.</summary>
    public long MaxBytesInHand { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long a body may take to arrive. A slower one hears 503 and gives its room back.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Alertmanagers that may be asked what they have of the alerts that they sent. None: nobody is asked.</summary>
    public IReadOnlyList<AlertmanagerConfiguration> Alertmanagers { get; init; } = [];
}

/// <summary>An Alertmanager that may be asked. An address in a post is compared and never called.</summary>
/// <param name="Url">Where it is asked, with its path prefix.</param>
public sealed record AlertmanagerConfiguration(Uri Url)
{
    /// <summary>What its webhooks say as <c>externalURL</c>, where that is another address than <see cref="Url"/>.</summary>
    public Uri? ExternalUrl { get; init; }

    /// <summary>A reference such as <c>env:AM_TOKEN</c>, sent as bearer token.</summary>
    public string? Token { get; init; }

    public string? Username { get; init; }

    /// <summary>A reference, sent with <see cref="Username"/> as Basic authentication.</summary>
    public string? Password { get; init; }

    /// <summary>Whether it is the sender that a post names by its <c>externalURL</c>.</summary>
    public bool Sent(string? sender) =>
        sender is not null && string.Equals(sender.TrimEnd('/'), (ExternalUrl ?? Url).AbsoluteUri.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    public Uri At(string path) => new($"{Url.AbsoluteUri.TrimEnd('/')}/{path}");
}

public sealed record CorrelationConfiguration
{
    /// <summary>Which of <c>service</c>, <c>environment</c>, <c>region</c> or any label name make the correlation key.</summary>
    public IReadOnlyList<string> By { get; init; } = ["service", "environment"];

    /// <summary>Labels that name the service; the first that an alert has counts, unless it names an exporter.</summary>
    public IReadOnlyList<string> ServiceLabels { get; init; } =
        ["service", "service_name", "app", "app_kubernetes_io_name", "exported_service", "exported_job", "job"];

    /// <summary>
    /// Names of what measures others, <c>*</c> for any text: their job, service or pod says who saw the failure, not what failed.
    /// Those of kube-prometheus, of the community's Helm charts, of Grafana's agents and of Prometheus's own examples.
    /// </summary>
    public IReadOnlyList<string> ExporterJobs { get; init; } =
    [
        "kube-state-metrics*", "*-kube-state-metrics", "node", "*node-exporter", "unix", "*windows-exporter", "*kubelet", "*cadvisor",
        "*blackbox*", "snmp", "*snmp-exporter", "*process-exporter", "*pushgateway", "prometheus-operated", "kubernetes-pods*", "kubernetes-nodes*",
        "kubernetes-service-endpoints*", "kubernetes-services*",
    ];

    /// <summary>Labels that name the Kubernetes namespace. <c>exported_namespace</c> is the failing one where a scrape overwrote it.</summary>
    public IReadOnlyList<string> NamespaceLabels { get; init; } = ["exported_namespace", "namespace", "kubernetes_namespace"];

    /// <summary>Labels that name the workload inside its namespace. Of a pod's name the hash or the ordinal is cut.</summary>
    public IReadOnlyList<string> WorkloadLabels { get; init; } =
    [
        "deployment", "statefulset", "daemonset", "cronjob", "job_name", "workload", "replicaset", "horizontalpodautoscaler", "poddisruptionbudget",
        "persistentvolumeclaim", "exported_pod", "pod",
    ];

    /// <summary>Labels that name the environment. A cluster is one where nothing better is said.</summary>
    public IReadOnlyList<string> EnvironmentLabels { get; init; } = ["environment", "env", "cluster"];

    /// <summary>Other names of an environment, in lower case, to the one that counts. Case never counts.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentAliases { get; init; } = DefaultEnvironmentAliases;

    public IReadOnlyList<string> RegionLabels { get; init; } = ["region"];

    /// <summary>The environment of an alert that names none.</summary>
    public string DefaultEnvironment { get; init; } = "production";

    /// <summary>A failure this soon after the resolve reopens the incident; a later one opens another.</summary>
    public TimeSpan ReopenWindow { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The reference seed's cooldown: a failure that comes back this soon after somebody was paged for it doesn't page before this has passed.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A firing alert not heard of for so long is stale: it counts as firing still, and its incident says so. Alertmanager repeats every 4 h by default.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromHours(5);

    public static IReadOnlyDictionary<string, string> DefaultEnvironmentAliases { get; } =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["prod"] = "production",
            ["prd"] = "production",
            ["stg"] = "staging",
            ["stage"] = "staging",
            ["dev"] = "development",
        };
}

public sealed record SeverityConfiguration
{
    /// <summary>The labels that may carry it, in this order; then the annotations of these names.</summary>
    public IReadOnlyList<string> Labels { get; init; } = ["severity", "priority", "level"];

    /// <summary>
    /// What words mean, beside <c>SEV-1</c> … <c>SEV-4</c> which need no entry. Case, spaces and punctuation are the same.
    /// </summary>
    public IReadOnlyDictionary<string, Severity> Words { get; init; } = DefaultWords;

    /// <summary>The rule set that reads the evidence: <c>reference</c>, <c>commander</c>, or <c>none</c>.</summary>
    public string Rules { get; init; } = "reference";

    /// <summary>For an alert with neither a known label nor evidence: standard on-call response.</summary>
    public Severity Default { get; init; } = Incidents.Severity.Sev3;

    public static IReadOnlyDictionary<string, Severity> DefaultWords => SeverityWords.Default;
}

/// <param name="Contacts">How to reach the person, all of them at once, in this order.</param>
public sealed record Person(string Id, string Name, IReadOnlyList<ContactMethod> Contacts);

/// <param name="Channel">A name under <c>channels</c>, or <c>console</c>.</param>
/// <param name="Address">What the channel understands as the person's address; null where it needs none.</param>
public sealed record ContactMethod(string Channel, string? Address = null);

public enum ChannelKind
{
    Console,
    Webhook,
}

/// <param name="Url">Where a webhook posts to.</param>
/// <param name="Secret">A reference such as <c>env:HOOK_SECRET</c>; the webhook's HMAC key.</param>
/// <param name="Timeout">Of one attempt.</param>
public sealed record ChannelConfiguration(string Name, ChannelKind Kind, Uri? Url = null, string? Secret = null, TimeSpan? Timeout = null);

public sealed record ServiceConfiguration(string Name)
{
    /// <summary>Who answers for it. An id under <c>people</c>.</summary>
    public string? Owner { get; init; }

    /// <summary>A name under <c>escalation</c>; null means <c>default</c>.</summary>
    public string? Escalation { get; init; }

    /// <summary>The http or https address of what to do when it fails.</summary>
    public string? Runbook { get; init; }
}

/// <summary>Whom to page, in which order, how long to wait for each.</summary>
/// <param name="Repeat">How often the ladder starts again from the first level after the last one timed out.</param>
public sealed record EscalationPolicyConfiguration(string Name, IReadOnlyList<EscalationLevel> Levels, int Repeat = 1)
{
    /// <summary>The severities that page. The others open an incident, tell the channel <c>console</c>, and wake nobody.</summary>
    public IReadOnlyList<Severity> Pages { get; init; } = [Severity.Sev1, Severity.Sev2, Severity.Sev3];

    /// <summary>A level's wait where a severity has another than the level's own.</summary>
    public IReadOnlyDictionary<Severity, TimeSpan> TimeoutBySeverity { get; init; } = new Dictionary<Severity, TimeSpan>();
}

/// <param name="Targets">Ids under <c>people</c>, paged together.</param>
/// <param name="Timeout">Wait for an acknowledgement before the next level.</param>
public sealed record EscalationLevel(string Name, IReadOnlyList<string> Targets, TimeSpan Timeout)
{
    /// <summary>The seeds' ladder: primary 5 min, secondary 10, manager 15, then the director.</summary>
    public static IReadOnlyList<(string Name, TimeSpan Timeout)> SeedLadder { get; } =
    [
        ("primary", TimeSpan.FromMinutes(5)),
        ("secondary", TimeSpan.FromMinutes(10)),
        ("manager", TimeSpan.FromMinutes(15)),
        ("director", TimeSpan.FromMinutes(15)),
    ];
}

/// <summary>How often stakeholders hear of an open incident.</summary>
public sealed record CadenceConfiguration
{
    /// <summary>
    /// Time between updates. Reference seed: SEV-1 30 min, SEV-2 1 h, SEV-3 2 to 4 h. A severity without an entry has updates at start and end only (SEV-4).
    /// </summary>
    public IReadOnlyDictionary<Severity, TimeSpan> Every { get; init; } = new Dictionary<Severity, TimeSpan>
    {
        [Severity.Sev1] = TimeSpan.FromMinutes(30),
        [Severity.Sev2] = TimeSpan.FromHours(1),
        [Severity.Sev3] = TimeSpan.FromHours(4),
    };

    /// <summary>The reminder comes so long before the update is due, or halfway for a shorter interval than twice this.</summary>
    public TimeSpan RemindBefore { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After the due time a nudge goes out so often until there is an update.</summary>
    public TimeSpan NudgeEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>People told of every update, beside the incident's channel. Ids under <c>people</c>.</summary>
    public IReadOnlyList<string> Stakeholders { get; init; } = [];
}

/// <summary>When learning is due, counted from the resolve.</summary>
public sealed record PostmortemConfiguration
{
    public IReadOnlyList<Severity> Severities { get; init; } = [Severity.Sev1, Severity.Sev2];

    public TimeSpan Draft { get; init; } = TimeSpan.FromHours(24);

    public TimeSpan Review { get; init; } = TimeSpan.FromHours(72);

    public TimeSpan Actions { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A month is taken as 30 days, the commander seed's day 30.</summary>
    public TimeSpan FollowUp { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Owner of the reminders of an incident without a commander. An id under <c>people</c>.</summary>
    public string? Owner { get; init; }
}

public sealed record ReportConfiguration
{
    public WeeklyReviewConfiguration Weekly { get; init; } = new();

    /// <summary>
    /// Where links in reports and notifications point: the address people reach the program by, perhaps with a path that a proxy takes off.
    /// Null until the host says where it is reached (<see cref="PipelineConfiguration.ReachedBy"/>).
    /// </summary>
    public Uri? BaseUrl { get; init; }
}

/// <param name="Cron">Five fields, in <paramref name="TimeZone"/>.</param>
/// <param name="TimeZone">An IANA name.</param>
public sealed record WeeklyReviewConfiguration(string Cron = "0 9 * * 1", string TimeZone = "UTC");
