using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>An orchestration with the field names and status words of the Durable Functions HTTP API.</summary>
public sealed record OrchestrationView(
    string InstanceId,
    string Name,
    string RuntimeStatus,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Input,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Output,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? CustomStatus,
    DateTimeOffset CreatedTime,
    DateTimeOffset LastUpdatedTime,
    string? FailureDetails);

/// <summary>What runs, waits and ended: the orchestrations.</summary>
internal sealed class OrchestrationEndpoints(IOrchestrationClient client)
{
    public IReadOnlyList<ApiEndpoint> All =>
    [
        new(Routes.ListOrchestrations, ListAsync),
        new(Routes.GetOrchestration, GetAsync),
        new(Routes.RaiseEvent, RaiseEventAsync),
        new(Routes.Terminate, TerminateAsync),
    ];

    private async Task ListAsync(HttpContext context)
    {
        if (await Answer.NumberAsync(context, "limit", fallback: 100, least: 1, most: 1000).ConfigureAwait(false) is not { } limit)
        {
            return;
        }

        var query = context.Request.Query;
        OrchestrationStatus? status = null;
        if (query["runtimeStatus"].ToString() is { Length: > 0 } text)
        {
            if (!Enum.TryParse<OrchestrationStatus>(text, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
            {
                var words = string.Join(", ", Enum.GetNames<OrchestrationStatus>());
                await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "Bad query", $"'runtimeStatus' is one of {words}.").ConfigureAwait(false);
                return;
            }

            status = parsed;
        }

        var page = await client.ListAsync(
            new OrchestrationQuery(Text(context, "name"), status, Text(context, "instanceIdPrefix"), Text(context, "cursor"), limit),
            context.RequestAborted).ConfigureAwait(false);

        // As the Durable Functions API lists them unless told otherwise: what went in and came out is shown of one instance.
        var items = page.Items.Select(instance => (Of(instance) with { Input = null, Output = null }, instance.InstanceId));
        await ListAnswer.WriteAsync(context, items.ToAsyncEnumerable(), limit, page.NextCursor).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context)
    {
        if (await FindAsync(context).ConfigureAwait(false) is { } instance)
        {
            await Answer.JsonAsync(context, Of(instance)).ConfigureAwait(false);
        }
    }

    private async Task RaiseEventAsync(HttpContext context)
    {
        if (await FindAsync(context).ConfigureAwait(false) is not { } instance
            || await Answer.ReadAsync<Dictionary<string, JsonElement>>(context).ConfigureAwait(false) is not { } payload)
        {
            return;
        }

        if (!instance.IsRunning)
        {
            await Problem.WriteAsync(
                context, StatusCodes.Status410Gone, "Ended", $"{instance.InstanceId} is {instance.RuntimeStatus}; it takes no events.").ConfigureAwait(false);
            return;
        }

        await client.RaiseEventAsync(instance.InstanceId, Answer.RouteValue(context, "name"), payload, context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private async Task TerminateAsync(HttpContext context)
    {
        if (await FindAsync(context).ConfigureAwait(false) is not { } instance)
        {
            return;
        }

        var who = context.User.Identity?.Name ?? "local";
        await client.TerminateAsync(instance.InstanceId, Text(context, "reason") ?? $"terminated by {who}", context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private async Task<OrchestrationInstance?> FindAsync(HttpContext context)
    {
        var id = Answer.RouteValue(context, "id");
        var instance = await client.GetAsync(id, context.RequestAborted).ConfigureAwait(false);
        if (instance is null)
        {
            await Answer.NotFoundAsync(context, $"There is no orchestration '{id}'.").ConfigureAwait(false);
        }

        return instance;
    }

    private static string? Text(HttpContext context, string name) =>
        context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    private static OrchestrationView Of(OrchestrationInstance instance) => new(
        instance.InstanceId,
        instance.Name,
        instance.RuntimeStatus.ToString(),
        instance.Input,
        instance.Output,
        instance.CustomStatus,
        instance.CreatedTime,
        instance.LastUpdatedTime,
        instance.FailureDetails);
}
