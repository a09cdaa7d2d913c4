using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Pipeline.Alerts;
using Pipeline.Hosting;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <summary>
/// Where monitoring systems post alerts. It answers 2xx when the alerts are durable, with <c>{"accepted":n,"rejected":[{"index":i,"reason":"…"}]}</c>;
/// 400, 413 or 415 with what is wrong where nothing can be taken, 503 where it can be taken later.
/// </summary>
internal sealed partial class AlertEndpoints(
    AlertReceiver receiver, IntakeRoom room, IntakeConfiguration configuration, TimeProvider time, ILogger<AlertEndpoints> logger)
{
    private const string Json = "application/json";

    private readonly BodyLimits limits = new(AlertLimits.MaxBodyBytes, configuration.BodyTimeout);
    private readonly LinePace refusals = new(time);

    public IReadOnlyList<ApiEndpoint> All =>
    [
        new(Routes.PostAlertmanager, context => PostAsync(context, AlertSources.Alertmanager, StatusCodes.Status202Accepted)),

        // amtool takes no other status than 200 for success.
        new(Routes.PostAlertsV2, context => PostAsync(context, AlertSources.Prometheus, StatusCodes.Status200OK)),
        new(Routes.PostAlertsV1, context => PostAsync(context, AlertSources.Prometheus, StatusCodes.Status200OK)),
    ];

    private async Task PostAsync(HttpContext context, AlertSource source, int success)
    {
        if (UnsupportedMedia(context.Request) is { } unsupported)
        {
            await Problem.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", unsupported).ConfigureAwait(false);
            return;
        }

        if (await ReadAsync(context).ConfigureAwait(false) is not { } body)
        {
            return;
        }

        using (body)
        using (room.Enter())
        {
            // Once it is here whole it is stored, whether or not the sender waits.
            var result = await receiver.ReceiveAsync(source, body.Bytes, context.User.Identity?.Name, time.GetUtcNow(), CancellationToken.None).ConfigureAwait(false);
            await AnswerAsync(context, result, success).ConfigureAwait(false);
        }
    }

    /// <summary>The body, whole. Null where it couldn't be had, which is answered by then.</summary>
    private async ValueTask<RequestBody?> ReadAsync(HttpContext context)
    {
        RequestBody body;
        try
        {
            body = await RequestBody.ReadAsync(context, room, limits, time).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            await BodyRefusal.AnswerUnreadAsync(context, exception).ConfigureAwait(false);
            return null;
        }

        if (body.Outcome == BodyOutcome.Whole)
        {
            return body;
        }

        if (body.Outcome is BodyOutcome.NoRoom or BodyOutcome.TooSlow && refusals.IsDue(out var heldBack))
        {
            LogRefused(logger, body.Outcome == BodyOutcome.NoRoom ? "there was no room" : "its body came too slowly", room.Posts, room.BytesInHand, room.MaxBytes, heldBack);
        }

        await BodyRefusal.AnswerAsync(context, body.Outcome, limits).ConfigureAwait(false);
        return null;
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
            && (!media.Charset.HasValue || IsUtf8(HeaderUtilities.RemoveQuotes(media.Charset)))
                ? null
                : $"Content-Type '{type}' isn't supported; send {Json} in UTF-8.";
    }

    // By its own name and that which many know it by; ASCII is a part of it.
    private static bool IsUtf8(StringSegment charset) =>
        charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)
        || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase) || charset.Length == 0;

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

    [LoggerMessage(153, LogLevel.Warning, "A post was answered 503 because {Why}. Bodies in hand take {Bytes} of {MaxBytes} bytes (intake.max_bytes_in_hand), {Posts} posts are being stored. Refused since the last such line: {HeldBack} more.")]
    private static partial void LogRefused(ILogger logger, string why, int posts, long bytes, long maxBytes, long heldBack);
}
