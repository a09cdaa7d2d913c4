using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pipeline.Runtime;

namespace Pipeline.Api;

/// <param name="Body">The message as JSON; as text where it isn't JSON, or is longer than <see cref="DeadLetterEndpoints.MaxBody"/> and cut there.</param>
/// <param name="BodyBytes">Of the whole message.</param>
public sealed record DeadLetterView(
    long Sequence, string SessionId, string MessageId, string Reason, int Deliveries, DateTimeOffset EnqueuedAt, DateTimeOffset At, object Body, int BodyBytes);

/// <summary>What was given up stays in sight, and can be sent on its way again.</summary>
internal sealed class DeadLetterEndpoints(IReadOnlyDictionary<string, IMessageQueue> queues)
{
    /// <summary>Bytes of a message that a list shows: enough to see what it is.</summary>
    public const int MaxBody = 16 * 1024;

    private const int ReadAtOnce = 25;

    public IReadOnlyList<ApiEndpoint> All => [new(Routes.ListDeadLetters, ListAsync), new(Routes.RetryDeadLetter, RetryAsync)];

    private async Task ListAsync(HttpContext context)
    {
        if (await FindAsync(context).ConfigureAwait(false) is not { } queue
            || await Answer.NumberAsync(context, "limit", fallback: 100, least: 1, most: 1000).ConfigureAwait(false) is not { } limit)
        {
            return;
        }

        _ = long.TryParse(context.Request.Query["cursor"], NumberStyles.None, CultureInfo.InvariantCulture, out var after);
        await ListAnswer.WriteAsync(context, ListedAsync(queue, after, context.RequestAborted), limit).ConfigureAwait(false);
    }

    private static async IAsyncEnumerable<(DeadLetterView Item, string Cursor)> ListedAsync(
        IMessageQueue queue, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<DeadLetter> page;
        do
        {
            page = await queue.ListDeadLettersAsync(ReadAtOnce, after, cancellationToken).ConfigureAwait(false);
            foreach (var letter in page)
            {
                after = letter.Sequence;
                yield return (Of(letter), after.ToString(CultureInfo.InvariantCulture));
            }
        }
        while (page.Count == ReadAtOnce);
    }

    private async Task RetryAsync(HttpContext context)
    {
        if (await FindAsync(context).ConfigureAwait(false) is not { } queue)
        {
            return;
        }

        var text = Answer.RouteValue(context, "sequence");
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && await queue.RetryDeadLetterAsync(sequence, context.RequestAborted).ConfigureAwait(false))
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        await Answer.NotFoundAsync(context, $"The queue '{queue.Name}' has no dead letter '{text}'.").ConfigureAwait(false);
    }

    private async Task<IMessageQueue?> FindAsync(HttpContext context)
    {
        var name = Answer.RouteValue(context, "queue");
        if (queues.TryGetValue(name, out var queue))
        {
            return queue;
        }

        await Answer.NotFoundAsync(context, $"There is no queue '{name}'; there are {string.Join(" and ", queues.Keys)}.").ConfigureAwait(false);
        return null;
    }

    private static DeadLetterView Of(DeadLetter letter) => new(
        letter.Sequence,
        letter.Message.SessionId,
        letter.Message.MessageId,
        letter.Reason,
        letter.Message.DeliveryCount,
        letter.Message.EnqueuedAt,
        letter.At,
        Body(letter.Message.Body.Span),
        letter.Message.Body.Length);

    private static object Body(ReadOnlySpan<byte> body)
    {
        if (body.Length > MaxBody)
        {
            return System.Text.Encoding.UTF8.GetString(body[..MaxBody]) + "…";
        }

        try
        {
            return JsonSerializer.Deserialize<JsonElement>(body);
        }
        catch (JsonException)
        {
            return System.Text.Encoding.UTF8.GetString(body);
        }
    }
}
