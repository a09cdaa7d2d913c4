using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>Reading requests and writing answers, the same way everywhere.</summary>
internal static class Answer
{
    public const string Json = "application/json; charset=utf-8";

    /// <summary>Commands are small; what is larger isn't one.</summary>
    public const int MaxCommandBytes = 64 * 1024;

    /// <summary>After how many seconds a caller who heard 503 may try again.</summary>
    private const string RetryAfter = "5";

    public static async Task JsonAsync<T>(HttpContext context, T value, int status = StatusCodes.Status200OK)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, PipelineJson.Options);
        context.Response.StatusCode = status;
        context.Response.ContentType = Json;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>A document that exists in two forms: Markdown for people who ask for it, JSON for the rest.</summary>
    public static bool WantsMarkdown(HttpContext context) =>
        context.Request.Query["format"] == "markdown"
        || context.Request.Headers.Accept.ToString().Contains("text/markdown", StringComparison.OrdinalIgnoreCase);

    public static async Task MarkdownAsync(HttpContext context, string markdown)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "text/markdown; charset=utf-8";
        await context.Response.WriteAsync(markdown, context.RequestAborted).ConfigureAwait(false);
    }

    public static Task NotFoundAsync(HttpContext context, string what) =>
        Problem.WriteAsync(context, StatusCodes.Status404NotFound, "Not found", what);

    /// <summary>Answers that the same call may succeed later: 503, not 429, because it is the code after which Alertmanager sends again.</summary>
    public static Task UnavailableAsync(HttpContext context, string title, string detail)
    {
        context.Response.Headers.RetryAfter = RetryAfter;
        return Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, title, detail);
    }

    /// <summary>The command's body; an empty one is an empty command. Null where a problem was written already.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext context)
        where T : class, new()
    {
        var request = context.Request;
        if (request.ContentLength is 0 || (request.ContentLength is null && !request.Headers.ContainsKey("Transfer-Encoding")))
        {
            return new T();
        }

        if (!request.HasJsonContentType())
        {
            await Problem.WriteAsync(
                context, StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", "Send JSON with Content-Type: application/json.")
                .ConfigureAwait(false);
            return null;
        }

        if (request.ContentLength > MaxCommandBytes)
        {
            await TooLargeAsync(context).ConfigureAwait(false);
            return null;
        }

        try
        {
            using var buffer = new FileBufferingReadStream(request.Body, MaxCommandBytes, MaxCommandBytes, tempFileDirectory: Path.GetTempPath());
            return await JsonSerializer.DeserializeAsync<T>(buffer, PipelineJson.Options, context.RequestAborted).ConfigureAwait(false) ?? new T();
        }
        catch (JsonException exception)
        {
            await Problem.WriteAsync(
                context, StatusCodes.Status400BadRequest, "Unreadable body", $"The body is not the JSON that this command takes: {exception.Message}")
                .ConfigureAwait(false);
            return null;
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            await TooLargeAsync(context).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>A whole number from the query, within bounds. Null where a problem was written already.</summary>
    public static async Task<int?> NumberAsync(HttpContext context, string name, int fallback, int least, int most)
    {
        var text = context.Request.Query[name].ToString();
        if (text.Length == 0)
        {
            return fallback;
        }

        if (int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "Bad query", $"'{name}' is a whole number from {least} to {most}.")
            .ConfigureAwait(false);
        return null;
    }

    /// <summary>Returns it decoded: the servers of both hosts leave <c>%2F</c> as it is, lest it look like the end of a segment.</summary>
    public static string RouteValue(HttpContext context, string name) =>
        (context.Request.RouteValues[name] as string ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static Task TooLargeAsync(HttpContext context) => Problem.WriteAsync(
        context, StatusCodes.Status413PayloadTooLarge, "Too large", $"A command's body has at most {MaxCommandBytes} bytes.");
}
