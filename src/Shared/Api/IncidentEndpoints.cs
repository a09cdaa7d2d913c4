using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>Incidents for people and tools: read them, and command them.</summary>
internal sealed class IncidentEndpoints(
    IncidentStore store, IncidentCommands commands, Access access, PipelineConfiguration configuration)
{
    /// <summary>Incidents or entries read beside each other for a list; each can be 480 KB.</summary>
    private const int ReadAtOnce = 25;

    private const int MaxText = 20_000;
    private const string StageWords = "'stage' is one of investigating, identified, monitoring, resolved, closed.";
    private const int MaxName = 100;
    private const int MaxReason = 500;

    public IReadOnlyList<ApiEndpoint> All =>
    [
        new(Routes.ListIncidents, ListAsync),
        new(Routes.GetIncident, GetAsync),
        new(Routes.GetTimeline, TimelineAsync),
        new(Routes.Acknowledge, AcknowledgeAsync),
        new(Routes.PostUpdate, PostUpdateAsync),
        new(Routes.SetSeverity, SetSeverityAsync),
        new(Routes.SetStage, SetStageAsync),
        new(Routes.Resolve, ResolveAsync),
    ];

    private async Task ListAsync(HttpContext context)
    {
        if (await Answer.NumberAsync(context, "limit", fallback: 50, least: 1, most: 200).ConfigureAwait(false) is not { } limit)
        {
            return;
        }

        var query = context.Request.Query;
        var status = query["status"].ToString();
        if (status is not ("" or "open" or "all"))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "Bad query", "'status' is open or all.").ConfigureAwait(false);
            return;
        }

        long? before = null;
        if (query["cursor"].ToString() is { Length: > 0 } cursor)
        {
            if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "Bad query", "'cursor' is the nextCursor of the page before.").ConfigureAwait(false);
                return;
            }

            before = number;
        }

        await ListAnswer.WriteAsync(context, ListedAsync(status == "open", before, context.RequestAborted), limit).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<(IncidentView Item, string Cursor)> ListedAsync(
        bool openOnly, long? before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        do
        {
            (var page, before) = await store.ListAsync(openOnly, ReadAtOnce, before, cancellationToken).ConfigureAwait(false);
            foreach (var incident in page)
            {
                yield return (OfService(IncidentViews.InList(incident)), incident.Number.ToString(CultureInfo.InvariantCulture));
            }
        }
        while (before is not null);
    }

    private async Task GetAsync(HttpContext context)
    {
        var id = Answer.RouteValue(context, "id");
        if (await FindAsync(context, id).ConfigureAwait(false) is { } incident)
        {
            var view = OfService(await IncidentViews.OfAsync(store, incident, context.RequestAborted).ConfigureAwait(false));
            await Answer.JsonAsync(context, view).ConfigureAwait(false);
        }
    }

    private async Task TimelineAsync(HttpContext context)
    {
        var id = Answer.RouteValue(context, "id");
        if (await FindAsync(context, id).ConfigureAwait(false) is null
            || await Answer.NumberAsync(context, "limit", fallback: 500, least: 1, most: 1000).ConfigureAwait(false) is not { } limit
            || await Answer.NumberAsync(context, "cursor", fallback: 0, least: 0, most: int.MaxValue).ConfigureAwait(false) is not { } from)
        {
            return;
        }

        await ListAnswer.WriteAsync(context, EntriesAsync(id, from, context.RequestAborted), limit).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<(TimelineEntryView Item, string Cursor)> EntriesAsync(
        string id, int from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<TimelineEntry> page;
        do
        {
            page = await store.TimelineAsync(id, from, ReadAtOnce, cancellationToken).ConfigureAwait(false);
            foreach (var entry in page)
            {
                from = entry.Number + 1;
                yield return (IncidentViews.Of(entry), from.ToString(CultureInfo.InvariantCulture));
            }
        }
        while (page.Count == ReadAtOnce);
    }

    private Task AcknowledgeAsync(HttpContext context) =>
        RunAsync<ByBody>(context, (id, body, command) => commands.AcknowledgeAsync(id, command, context.RequestAborted));

    private Task PostUpdateAsync(HttpContext context) =>
        RunAsync<UpdateBody>(
            context,
            (id, body, command) => commands.PostUpdateAsync(id, body.Text!.Trim(), command, body.Stage, context.RequestAborted),
            body => string.IsNullOrWhiteSpace(body.Text) || body.Text.Length > MaxText
                ? $"'text' holds the update, 1 to {MaxText} characters."
                : body.Stage == IncidentStage.Detected ? StageWords : null);

    private Task SetSeverityAsync(HttpContext context) =>
        RunAsync<SeverityBody>(
            context,
            (id, body, command) => commands.SetSeverityAsync(id, body.Severity!.Value, body.Reason is null ? $"set by {store.Names.NameOf(command.By)}" : MarkdownText.OneLine(body.Reason, MaxReason), command, context.RequestAborted),
            body => body.Severity is null ? "'severity' is one of SEV-1, SEV-2, SEV-3, SEV-4." : null);

    private Task SetStageAsync(HttpContext context) =>
        RunAsync<StageBody>(
            context,
            (id, body, command) => commands.SetStageAsync(id, body.Stage!.Value, command, context.RequestAborted),
            body => body.Stage is null or IncidentStage.Detected ? StageWords : null);

    private Task ResolveAsync(HttpContext context) =>
        RunAsync<ResolveBody>(context, (id, body, command) => commands.ResolveAsync(id, command, body.Note is null ? null : MarkdownText.OneLine(body.Note, MaxReason), body.Force, context.RequestAborted));

    private async Task RunAsync<TBody>(
        HttpContext context, Func<string, TBody, IncidentCommand, Task<CommandResult>> run, Func<TBody, string?>? check = null)
        where TBody : ByBody, new()
    {
        var id = Answer.RouteValue(context, "id");
        if (!Incident.IsId(id))
        {
            await AnswerAsync(context, id, new CommandResult(null, CommandRefusal.None)).ConfigureAwait(false);
            return;
        }

        if (await Answer.ReadAsync<TBody>(context).ConfigureAwait(false) is not { } body)
        {
            return;
        }

        if (check?.Invoke(body) is { } wrong)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "Bad command", wrong).ConfigureAwait(false);
            return;
        }

        var key = context.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length > 200)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "Bad command", "An Idempotency-Key has at most 200 characters.").ConfigureAwait(false);
            return;
        }

        var result = await run(id, body, CommandOf(context, body.By, key)).ConfigureAwait(false);
        await AnswerAsync(context, id, result).ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext context, string id, CommandResult result)
    {
        if (result.Incident is not { } incident)
        {
            await Answer.NotFoundAsync(context, $"There is no incident '{id}'.").ConfigureAwait(false);
            return;
        }

        if (result.Refusal == CommandRefusal.None)
        {
            var view = OfService(await IncidentViews.OfAsync(store, incident, context.RequestAborted).ConfigureAwait(false));
            await Answer.JsonAsync(context, view).ConfigureAwait(false);
            return;
        }

        await Problem.WriteAsync(
            context,
            StatusCodes.Status409Conflict,
            "Not possible now",
            Explain(incident, result.Refusal, store.Names),
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["reason"] = result.Refusal, ["stage"] = incident.Stage }).ConfigureAwait(false);
    }

    /// <summary>With what the configuration knows of its service.</summary>
    private IncidentView OfService(IncidentView view) => configuration.Services.GetValueOrDefault(view.Service) is { } service
        ? view with { Owner = service.Owner, Runbook = service.Runbook }
        : view;

    private static string Explain(Incident incident, CommandRefusal refusal, PeopleNames names) => refusal switch
    {
        CommandRefusal.AlreadyAcknowledged => $"{incident.Id} was acknowledged by {names.NameOf(incident.PresentAcknowledger ?? "somebody")} already.",
        CommandRefusal.AlreadyResolved => $"{incident.Id} is {IncidentTransitions.Words(incident.Stage)}.",
        CommandRefusal.NotResolved => $"{incident.Id} is {IncidentTransitions.Words(incident.Stage)}; only a resolved incident is closed.",
        CommandRefusal.StillFiring =>
            $"{(incident.FiringAlerts == 1 ? "1 alert" : $"{incident.FiringAlerts} alerts")} of {incident.Id} {(incident.FiringAlerts == 1 ? "is" : "are")} still firing. "
            + $"To resolve it all the same, POST {{\"force\": true}} to /api/incidents/{incident.Id}/resolve.",
        _ => $"{incident.Id} is so already.",
    };

    // A token stands for a program or a person; a program says for whom it acts.
    private IncidentCommand CommandOf(HttpContext context, string? author, string key)
    {
        var caller = context.User.Identity?.Name ?? Access.LocalName;
        var named = MarkdownText.OneLine(author ?? "", MaxName);
        var keyOrNull = key.Length == 0 ? null : key;
        var callerId = store.Names.IdOf(caller);
        var by = named.Length == 0 ? callerId : store.Names.IdOf(named);
        return by == callerId
            ? new IncidentCommand(callerId, Key: keyOrNull)
            : new IncidentCommand(by, access.IsOpen ? null : caller, keyOrNull);
    }

    private async Task<Incident?> FindAsync(HttpContext context, string id)
    {
        var incident = Incident.IsId(id) ? await store.GetAsync(id, context.RequestAborted).ConfigureAwait(false) : null;
        if (incident is null)
        {
            await Answer.NotFoundAsync(context, $"There is no incident '{id}'.").ConfigureAwait(false);
        }

        return incident;
    }

    private record ByBody
    {
        public string? By { get; init; }
    }

    private sealed record UpdateBody : ByBody
    {
        public string? Text { get; init; }

        public IncidentStage? Stage { get; init; }
    }

    private sealed record SeverityBody : ByBody
    {
        public Severity? Severity { get; init; }

        public string? Reason { get; init; }
    }

    private sealed record StageBody : ByBody
    {
        public IncidentStage? Stage { get; init; }
    }

    private sealed record ResolveBody : ByBody
    {
        public string? Note { get; init; }

        public bool Force { get; init; }
    }
}
