using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Api;
using Pipeline.Functions.Durable;
using Pipeline.Functions.ServiceBus;
using Pipeline.Runtime;
using Pipeline.Runtime.Scheduling;

namespace Pipeline.Functions.Hosting;

/// <summary>
/// What triggers call: each of its methods enters the scope of the durable client that the host bound, and hands over to the product.
/// </summary>
public sealed class FunctionServices
{
    private readonly IServiceProvider provider;
    private readonly DurableClientScope scope;
    private readonly Dictionary<string, ApiEndpoint> endpoints;

    public FunctionServices(IServiceProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        this.provider = provider;
        scope = provider.GetRequiredService<DurableClientScope>();
        endpoints = provider.GetRequiredService<ApiEndpoints>().All.ToDictionary(endpoint => endpoint.Route.Name, StringComparer.Ordinal);
    }

    /// <param name="durable">
    /// Only where the route may start, tell or read orchestrations: a binding that the host can't make fails the call before any code of
    /// the app runs.
    /// </param>
    internal async Task<IResult> ServeAsync(ApiRoute route, HttpRequest request, DurableTaskClient? durable = null)
    {
        if (durable is not null)
        {
            scope.Enter(durable);
        }

        AnswerHeaders.Set(request.HttpContext.Response);
        await provider.GetRequiredService<ApiEndpoints>().ServeAsync(endpoints[route.Name], request.HttpContext).ConfigureAwait(false);
        return Results.Empty;
    }

    /// <summary>Serves what no function has a route for.</summary>
    internal async Task<IResult> ServeUnmatchedAsync(HttpRequest request, DurableTaskClient durable)
    {
        scope.Enter(durable);
        AnswerHeaders.Set(request.HttpContext.Response);
        await provider.GetRequiredService<ApiEndpoints>().ServeUnmatchedAsync(request.HttpContext).ConfigureAwait(false);
        return Results.Empty;
    }

    internal Task HandleAsync(
        string queue,
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        DurableTaskClient durable,
        CancellationToken cancellationToken)
    {
        scope.Enter(durable);
        return provider.GetRequiredKeyedService<TriggeredQueue>(queue).HandleAsync(message, actions, cancellationToken);
    }

    internal Task RunJobAsync(string job, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        scope.Enter(durable);
        return provider.GetRequiredService<ScheduledJobs>().DrainAsync(job, cancellationToken);
    }

    internal Task<JsonElement> RunActivityAsync(string name, JsonElement input, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        scope.Enter(durable);
        return provider.GetRequiredService<OrchestrationCatalog>().Activities[name].Run(input, cancellationToken);
    }
}
