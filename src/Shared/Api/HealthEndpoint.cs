using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>
/// Ready means that an alert would be accepted: the store can be written to, what else has to be reached is reached, and there is room for a body.
/// </summary>
/// <param name="others">What a host needs beside the table.</param>
internal sealed class HealthEndpoint(
    IEntityTable table, IEnumerable<IReadiness> others, IntakeRoom room, TimeProvider time, ILogger<HealthEndpoint> logger)
{
    private const string Store = "store";
    private static readonly string Version = typeof(HealthEndpoint).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    private readonly HealthChecks checks = new(
        [(Store, token => WriteAsync(table, time, token)), .. others.Select(other => (other.Name, (Func<CancellationToken, Task>)other.CheckAsync))],
        time,
        logger);

    public IReadOnlyList<ApiEndpoint> All => [new(Routes.Health, GetAsync)];

    private async Task GetAsync(HttpContext context)
    {
        var parts = await checks.FindAsync().WaitAsync(context.RequestAborted).ConfigureAwait(false);
        var status = HealthDecision.Decide(parts.Values, room.HasRoom);
        await Answer.JsonAsync(
            context,
            new
            {
                Status = HealthDecision.Words(status),
                Version,
                Store = HealthDecision.Words(parts[Store], "writable", "unwritable"),
                Queues = parts.Where(part => part.Key != Store)
                    .ToDictionary(part => part.Key, part => HealthDecision.Words(part.Value, "reachable", "unreachable"), StringComparer.Ordinal),
                Intake = new { room.BytesInHand, MaxBytesInHand = room.MaxBytes, PostsInHand = room.Posts },
                At = time.GetUtcNow(),
            },
            status == HealthStatus.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable).ConfigureAwait(false);
    }

    private static async Task WriteAsync(IEntityTable table, TimeProvider time, CancellationToken cancellationToken)
    {
        var write = new EntityWrite.Upsert("probe", PipelineJson.ToUtf8(time.GetUtcNow()));
        await table.CommitAsync("health", [write], cancellationToken).ConfigureAwait(false);
    }
}
