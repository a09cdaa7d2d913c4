using Microsoft.AspNetCore.Http;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Postmortems;

namespace Pipeline.Api;

/// <summary>What was written and sent about an incident: its postmortem, and what became of each notification.</summary>
internal sealed class IncidentDocumentEndpoints(PostmortemStore postmortems, DeliveryLog deliveries)
{
    public IReadOnlyList<ApiEndpoint> All => [new(Routes.GetPostmortem, PostmortemAsync), new(Routes.GetDeliveries, DeliveriesAsync)];

    private async Task PostmortemAsync(HttpContext context)
    {
        var id = Answer.RouteValue(context, "id");
        var postmortem = Incident.IsId(id) ? await postmortems.GetAsync(id, context.RequestAborted).ConfigureAwait(false) : null;
        if (postmortem is null)
        {
            await Answer.NotFoundAsync(context, $"'{id}' has no postmortem. A draft is written a day after the resolve of a SEV-1 or SEV-2.").ConfigureAwait(false);
            return;
        }

        await (Answer.WantsMarkdown(context) ? Answer.MarkdownAsync(context, postmortem.Markdown) : Answer.JsonAsync(context, postmortem)).ConfigureAwait(false);
    }

    private async Task DeliveriesAsync(HttpContext context)
    {
        var id = Answer.RouteValue(context, "id");
        IReadOnlyList<DeliveryRecord> records = Incident.IsId(id) ? await deliveries.ListAsync(id, context.RequestAborted).ConfigureAwait(false) : [];
        await Answer.JsonAsync(context, new ListView<DeliveryRecord>(records, NextCursor: null)).ConfigureAwait(false);
    }
}
