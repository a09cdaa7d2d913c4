using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>Errors as RFC 9457 problem details. A title is the same for every error of its kind; the detail says what happened here and what to do.</summary>
internal static class Problem
{
    public const string ContentType = "application/problem+json";

    /// <param name="extensions">Further members, or null.</param>
    public static Task WriteAsync(
        HttpContext context, int status, string title, string detail, IReadOnlyDictionary<string, object?>? extensions = null)
    {
        var problem = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["type"] = "about:blank",
            ["title"] = title,
            ["status"] = status,
            ["detail"] = detail,
        };
        foreach (var (name, value) in extensions ?? new Dictionary<string, object?>(StringComparer.Ordinal))
        {
            problem[name] = value;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        var body = JsonSerializer.SerializeToUtf8Bytes(problem, PipelineJson.Options);
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
