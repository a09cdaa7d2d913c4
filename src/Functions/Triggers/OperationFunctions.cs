using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Pipeline.Api;
using Pipeline.Functions.Hosting;

namespace Pipeline.Functions.Triggers;

/// <summary>Orchestrations, reports and dead letters. Each only carries a request to its route; who may call is decided there.</summary>
public sealed class OperationFunctions(FunctionServices services)
{
    [Function("ListOrchestrations")]
    public Task<IResult> ListOrchestrations(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/orchestrations")] HttpRequest request,
        [DurableClient] DurableTaskClient durable) =>
        services.ServeAsync(Routes.ListOrchestrations, request, durable);

    [Function("GetOrchestration")]
    public Task<IResult> GetOrchestration(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/orchestrations/{id}")] HttpRequest request,
        [DurableClient] DurableTaskClient durable) =>
        services.ServeAsync(Routes.GetOrchestration, request, durable);

    [Function("RaiseEvent")]
    public Task<IResult> RaiseEvent(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/orchestrations/{id}/raise-event/{name}")] HttpRequest request,
        [DurableClient] DurableTaskClient durable) =>
        services.ServeAsync(Routes.RaiseEvent, request, durable);

    [Function("TerminateOrchestration")]
    public Task<IResult> Terminate(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/orchestrations/{id}/terminate")] HttpRequest request,
        [DurableClient] DurableTaskClient durable) =>
        services.ServeAsync(Routes.Terminate, request, durable);

    [Function("ListReports")]
    public Task<IResult> ListReports(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/reports")] HttpRequest request) =>
        services.ServeAsync(Routes.ListReports, request);

    [Function("GetReport")]
    public Task<IResult> GetReport(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/reports/{id}")] HttpRequest request) =>
        services.ServeAsync(Routes.GetReport, request);

    [Function("ListDeadLetters")]
    public Task<IResult> ListDeadLetters(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/dead-letters/{queue}")] HttpRequest request) =>
        services.ServeAsync(Routes.ListDeadLetters, request);

    [Function("RetryDeadLetter")]
    public Task<IResult> RetryDeadLetter(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/dead-letters/{queue}/{sequence}/retry")] HttpRequest request) =>
        services.ServeAsync(Routes.RetryDeadLetter, request);
}
