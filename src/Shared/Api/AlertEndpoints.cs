using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Pipeline.Alerts;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>
/// Where monitoring systems post alerts. It answers 2xx when the alerts are durable, with <c>{"accepted":n,"rejected":[{"index":i,"reason":"…"}]}</c>;
/// 400, 413 or 415 with what is wrong where nothing can be taken.
/// </summary>
internal sealed class AlertEndpoints(AlertReceiver receiver, IntakeRoom room, TimeProvider time)
{
    private const string Json = "application/json";

    public IReadOnlyList<ApiEndpoint> All =>
    [
        new(Routes.PostAlertmanager, context => PostAsync(context, AlertSources.Alertmanager, StatusCodes.Status202Accepted)),

        // amtool takes no other status than 200 for success.
        new(Routes.PostAlertsV2, context => PostAsync(context, AlertSources.Prometheus, StatusCodes.Status200OK)),
    ];

    private async Task PostAsync(HttpContext context, AlertSource source, int success)
    {
        if (UnsupportedMedia(context.Request) is { } unsupported)
        {
            await Problem.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", unsupported).ConfigureAwait(false);
            return;
        }

        using var place = room.Take(context.Request.ContentLength);
        RequestBody? body;
        try
        {
            body = await RequestBody.ReadAsync(context, AlertLimits.MaxBodyBytes).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            await AnswerUnreadAsync(context, exception).ConfigureAwait(false);
            return;
        }

        if (body is null)
        {
            await AnswerTooLargeAsync(context).ConfigureAwait(false);
            return;
        }

        using (body)
        {
            // Once it is here whole it is stored, whether or not the sender waits.
            var result = await receiver.ReceiveAsync(source, body.Bytes, context.User.Identity?.Name, time.GetUtcNow(), CancellationToken.None).ConfigureAwait(false);
            await AnswerAsync(context, result, success).ConfigureAwait(false);
        }
    }

    /// <summary>Why the headers don't announce plain JSON; null where they do, or say nothing of it.</summary>
    private static string? UnsupportedMedia(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
        {
            return $"Content-Encoding '{encoding}' isn't supported; send the body as it is.";
        }

        var type = request.ContentType;
        if (string.IsNullOrEmpty(type) || type == Json)
        {
            return null;
        }

        return MediaTypeHeaderValue.TryParse(type, out var media)
            && media.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            && (!media.Charset.HasValue || HeaderUtilities.RemoveQuotes(media.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
                ? null
                : $"Content-Type '{type}' isn't supported; send {Json} in UTF-8.";
    }

    private static Task AnswerUnreadAsync(HttpContext context, Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => AnswerTooLargeAsync(context),
        BadHttpRequestException bad => Problem.WriteAsync(
            context, bad.StatusCode, "Body could not be read", "The body ended early, came too slowly, or isn't framed as HTTP asks."),

        // The sender went away; nobody is left to answer.
        _ => Task.CompletedTask,
    };

    private static Task AnswerTooLargeAsync(HttpContext context) => Problem.WriteAsync(
        context,
        StatusCodes.Status413PayloadTooLarge,
        "Body too large",
        $"The body has more than {AlertLimits.MaxBodyBytes} bytes; send the alerts in several posts.");

    private static Task AnswerAsync(HttpContext context, in ReceiveResult result, int success)
    {
        if (result.Refused is { } refused)
        {
            return Problem.WriteAsync(
                context,
                StatusCodes.Status400BadRequest,
                TitleOf(refused.Fault),
                refused.Detail,
                new Dictionary<string, object?>(StringComparer.Ordinal) { ["rejected"] = result.Rejected.Select(alert => new { alert.Index, alert.Reason }) });
        }

        context.Response.StatusCode = success;
        context.Response.ContentType = Json;
        if (result.Rejected.Count == 0)
        {
            WriteAllAccepted(context.Response, result.Accepted);
        }
        else
        {
            WritePartlyAccepted(context.Response, result);
        }

        return context.Response.BodyWriter.FlushAsync(CancellationToken.None).AsTask();
    }

    /// <summary>The common answer, without a JSON writer.</summary>
    private static void WriteAllAccepted(HttpResponse response, int accepted)
    {
        var before = """{"accepted":"""u8;
        var after = ""","rejected":[]}"""u8;
        const int maxDigits = 10;
        var span = response.BodyWriter.GetSpan(before.Length + maxDigits + after.Length);
        before.CopyTo(span);
        Utf8Formatter.TryFormat(accepted, span[before.Length..], out var digits);
        after.CopyTo(span[(before.Length + digits)..]);
        var length = before.Length + digits + after.Length;
        response.ContentLength = length;
        response.BodyWriter.Advance(length);
    }

    private static void WritePartlyAccepted(HttpResponse response, in ReceiveResult result)
    {
        using var json = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { Encoder = PipelineJson.Options.Encoder });
        json.WriteStartObject();
        json.WriteNumber("accepted"u8, result.Accepted);
        json.WriteStartArray("rejected"u8);
        foreach (var alert in result.Rejected)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, alert.Index);
            json.WriteString("reason"u8, alert.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string TitleOf(PostFault fault) => fault switch
    {
        PostFault.EmptyBody => "Empty body",
        PostFault.MalformedJson or PostFault.TrailingData => "Malformed JSON",
        PostFault.TooDeep => "Nested too deeply",
        PostFault.TooManyAlerts => "Too many alerts",
        PostFault.NoAcceptableAlert => "No acceptable alert",
        _ => "Not a post of this kind",
    };
}
