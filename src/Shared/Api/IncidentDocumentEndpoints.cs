using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Postmortems;

namespace Pipeline.Api;

/// <summary>What was written and sent about an incident: its postmortem, and what became of each notification.</summary>
internal sealed class IncidentDocumentEndpoints(
    IncidentStore incidents, PostmortemStore postmortems, PostmortemConfiguration postmortem, DeliveryLog deliveries)
{
    public IReadOnlyList<ApiEndpoint> All => [new(Routes.GetPostmortem, PostmortemAsync), new(Routes.GetDeliveries, DeliveriesAsync)];

    private async Task PostmortemAsync(HttpContext context)
    {
        var id = Answer.RouteValue(context, "id");
        var document = Incident.IsId(id) ? await postmortems.GetAsync(id, context.RequestAborted).ConfigureAwait(false) : null;
        if (document is null)
        {
            var incident = Incident.IsId(id) ? await incidents.GetAsync(id, context.RequestAborted).ConfigureAwait(false) : null;
            await Answer.NotFoundAsync(context, PostmortemTexts.Absent(id, incident, postmortem, incidents.Time.GetUtcNow())).ConfigureAwait(false);
            return;
        }

        await (Answer.WantsMarkdown(context) ? Answer.MarkdownAsync(context, document.Markdown) : Answer.JsonAsync(context, document)).ConfigureAwait(false);
    }

    private async Task DeliveriesAsync(HttpContext context)
    {
        if (await Answer.NumberAsync(context, "limit", fallback: 500, least: 1, most: 1000).ConfigureAwait(false) is not { } limit
            || await Answer.NumberAsync(context, "cursor", fallback: 0, least: 0, most: int.MaxValue).ConfigureAwait(false) is not { } from)
        {
            return;
        }

        var id = Answer.RouteValue(context, "id");
        IReadOnlyList<DeliveryRecord> records = Incident.IsId(id) ? await deliveries.ListAsync(id, context.RequestAborted).ConfigureAwait(false) : [];

        // By when each was made, so a page stays what it was while others follow.
        var items = records.Select((record, index) => (record, (index + 1).ToString(CultureInfo.InvariantCulture))).Skip(from);
        await ListAnswer.WriteAsync(context, items.ToAsyncEnumerable(), limit).ConfigureAwait(false);
    }
}
