using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Api;
using Pipeline.Functions.Hosting;

namespace Pipeline.Functions.Triggers;

/// <summary>Where monitoring systems post alerts, and the health probe. Each only carries a request to its route; who may call is decided there.</summary>
public sealed class AlertFunctions(FunctionServices services)
{
    [Function("Health")]
    public Task<IResult> Health(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/health")] HttpRequest request) =>
        services.ServeAsync(Routes.Health, request);

    [Function("PostAlertmanagerWebhook")]
    public Task<IResult> PostAlertmanager(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/alerts/alertmanager")] HttpRequest request) =>
        services.ServeAsync(Routes.PostAlertmanager, request);

    [Function("PostPrometheusAlerts")]
    public Task<IResult> PostAlertsV2(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v2/alerts")] HttpRequest request) =>
        services.ServeAsync(Routes.PostAlertsV2, request);

    [Function("PostPrometheusAlertsV1")]
    public Task<IResult> PostAlertsV1(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/alerts")] HttpRequest request) =>
        services.ServeAsync(Routes.PostAlertsV1, request);
}
