using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>Ready means that an alert would be accepted: the store can be written to, and what else has to be reached is reached, now.</summary>
/// <param name="others">What a host needs beside the table.</param>
internal sealed partial class HealthEndpoint(
    IEntityTable table, IEnumerable<IReadiness> others, TimeProvider time, ILogger<HealthEndpoint> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string Version = typeof(HealthEndpoint).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public IReadOnlyList<ApiEndpoint> All => [new(Routes.Health, GetAsync)];

    private async Task GetAsync(HttpContext context)
    {
        var fault = await TryWriteAsync(context.RequestAborted).ConfigureAwait(false);
        await Answer.JsonAsync(
            context,
            new { Status = fault is null ? "ready" : "unavailable", Version, Store = fault ?? "writable", At = time.GetUtcNow() },
            fault is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable).ConfigureAwait(false);
    }

    private async Task<string?> TryWriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            var write = new EntityWrite.Upsert("probe", PipelineJson.ToUtf8(time.GetUtcNow()));
            await Task.WhenAll(others.Select(other => other.CheckAsync(cancellationToken)).Append(table.CommitAsync("health", [write], cancellationToken)))
                .WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException)
        {
            LogUnwritable(logger, exception);
            return "unwritable";
        }
    }

    [LoggerMessage(152, LogLevel.Error, "The store can't be written; health says so.")]
    private static partial void LogUnwritable(ILogger logger, Exception exception);
}
