using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Pipeline.Functions.Hosting;

namespace Pipeline.Functions.Triggers;

/// <summary>
/// Takes what no other function has a route for: HEAD, the path base, and what isn't found. The host tries functions in the order of their
/// names, so this one's is the last.
/// </summary>
public sealed class UnmatchedFunctions(FunctionServices services)
{
    [Function("ZUnmatched")]
    public Task<IResult> Unmatched(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "{*path}")]
        HttpRequest request,
        [DurableClient] DurableTaskClient durable) =>
        services.ServeUnmatchedAsync(request, durable);
}
