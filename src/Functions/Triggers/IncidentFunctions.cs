using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Pipeline.Api;
using Pipeline.Functions.Hosting;

namespace Pipeline.Functions.Triggers;

/// <summary>Incidents and what people do to them. Each only carries a request to its route; who may call is decided there.</summary>
public sealed class IncidentFunctions(FunctionServices services)
{
    [Function("ListIncidents")]
    public Task<IResult> ListIncidents(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/incidents")] HttpRequest request) =>
        services.ServeAsync(Routes.ListIncidents, request);

    [Function("GetIncident")]
    public Task<IResult> GetIncident(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/incidents/{id}")] HttpRequest request) =>
        services.ServeAsync(Routes.GetIncident, request);

    [Function("GetTimeline")]
    public Task<IResult> GetTimeline(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/incidents/{id}/timeline")] HttpRequest request) =>
        services.ServeAsync(Routes.GetTimeline, request);

    [Function("GetDeliveries")]
    public Task<IResult> GetDeliveries(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/incidents/{id}/deliveries")] HttpRequest request) =>
        services.ServeAsync(Routes.GetDeliveries, request);

    [Function("GetPostmortem")]
    public Task<IResult> GetPostmortem(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/incidents/{id}/postmortem")] HttpRequest request) =>
        services.ServeAsync(Routes.GetPostmortem, request);

    [Function("AcknowledgeIncident")]
    public Task<IResult> Acknowledge(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/incidents/{id}/acknowledge")] HttpRequest request,
        [DurableClient] DurableTaskClient durable) =>
        services.ServeAsync(Routes.Acknowledge, request, durable);

    [Function("PostUpdate")]
    public Task<IResult> PostUpdate(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/incidents/{id}/updates")] HttpRequest request,
        [DurableClient] DurableTaskClient durable) =>
        services.ServeAsync(Routes.PostUpdate, request, durable);

    [Function("SetSeverity")]
    public Task<IResult> SetSeverity(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/incidents/{id}/severity")] HttpRequest request,
        [DurableClient] DurableTaskClient durable) =>
        services.ServeAsync(Routes.SetSeverity, request, durable);

    [Function("SetStage")]
    public Task<IResult> SetStage(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/incidents/{id}/stage")] HttpRequest request,
        [DurableClient] DurableTaskClient durable) =>
        services.ServeAsync(Routes.SetStage, request, durable);

    [Function("ResolveIncident")]
    public Task<IResult> Resolve(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/incidents/{id}/resolve")] HttpRequest request,
        [DurableClient] DurableTaskClient durable) =>
        services.ServeAsync(Routes.Resolve, request, durable);
}
