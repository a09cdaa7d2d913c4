using Microsoft.AspNetCore.Http;
using Pipeline.Reports;

namespace Pipeline.Api;

/// <param name="Link">The report itself, as JSON; as Markdown with <c>Accept: text/markdown</c> or <c>?format=markdown</c>.</param>
public sealed record ReportSummaryView(
    string Id, string Kind, DateTimeOffset From, DateTimeOffset To, DateTimeOffset CreatedAt, string Headline, string Link);

/// <summary>Reports, newest first, in JSON for programs and Markdown for people.</summary>
internal sealed class ReportEndpoints(ReportStore reports)
{
    public IReadOnlyList<ApiEndpoint> All => [new(Routes.ListReports, ListAsync), new(Routes.GetReport, GetAsync)];

    private async Task ListAsync(HttpContext context)
    {
        if (await Answer.NumberAsync(context, "limit", fallback: 20, least: 1, most: ReportStore.MaxPage).ConfigureAwait(false) is not { } limit)
        {
            return;
        }

        var query = context.Request.Query;
        ReportId? after = null;
        if (query["cursor"].ToString() is { Length: > 0 } cursor && !ReportId.TryParse(cursor, out after))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "Bad query", "'cursor' is the nextCursor of the page before.").ConfigureAwait(false);
            return;
        }

        var kind = query["kind"].ToString();
        var page = await reports.ListAsync(kind.Length == 0 ? null : kind, limit, after, context.RequestAborted).ConfigureAwait(false);
        var items = page.Items.Select(report => (Summary(report), report.Id.ToString()));
        await ListAnswer.WriteAsync(context, items.ToAsyncEnumerable(), limit, page.Next?.ToString()).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context)
    {
        var text = Answer.RouteValue(context, "id");
        if (!ReportId.TryParse(text, out var id) || await reports.GetAsync(id, context.RequestAborted).ConfigureAwait(false) is not { } report)
        {
            await Answer.NotFoundAsync(context, $"There is no report '{text}'.").ConfigureAwait(false);
            return;
        }

        await (Answer.WantsMarkdown(context) ? Answer.MarkdownAsync(context, report.Markdown) : Answer.JsonAsync(context, report)).ConfigureAwait(false);
    }

    private static ReportSummaryView Summary(StoredReport report) => new(
        report.Id.ToString(), report.Kind, report.From, report.To, report.CreatedAt, report.Headline, $"/api/reports/{report.Id}");
}
