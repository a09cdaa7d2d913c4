using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pipeline.Runtime;

namespace Pipeline.Notifications;

/// <summary>Builds the key of a notification, and from it the id that queue, delivery log and far end know it by.</summary>
public static class NotificationKey
{
    private const string SafePunctuation = "-_.:~@+=,";

    /// <summary>
    /// <c>page:INC-7:1:level2.0:alice:hook</c>. Different parts never make the same key.
    /// </summary>
    /// <param name="round">Of the incident: 1, and one more for each reopening.</param>
    /// <param name="step">The step of the orchestration, e.g. <c>level2.0</c> or <c>update3</c>. A person with two addresses on one channel needs them told apart here.</param>
    /// <param name="personId">Null for a room.</param>
    public static string Of(NotificationPurpose purpose, string incidentId, int round, string step, string? personId, string channel) =>
        string.Join(':',
            JsonNamingPolicy.CamelCase.ConvertName(purpose.ToString()),
            Part(incidentId),
            round.ToString(CultureInfo.InvariantCulture),
            Part(step),
            Part(personId ?? string.Empty),
            Part(channel));

    /// <summary>Returns the round that a key of <see cref="Of"/> names; null for any other text.</summary>
    public static int? RoundOf(string key) =>
        key.Split(':') is { Length: 6 } parts && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var round)
            ? round
            : null;

    /// <summary>
    /// The key itself where it can stand in a queue's message id (at most <see cref="QueueLimits.MaxIdCharacters"/>), an HTTP header and a table's row key;
    /// otherwise its readable beginning and its SHA-256.
    /// </summary>
    public static string MessageIdOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length is > 0 and <= QueueLimits.MaxIdCharacters && key.All(IsSafe))
        {
            return key;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        var beginning = key.Take(QueueLimits.MaxIdCharacters - hash.Length - 1).Select(character => IsSafe(character) ? character : '_');
        return $"{string.Concat(beginning)}~{hash}";
    }

    private static bool IsSafe(char character) => char.IsAsciiLetterOrDigit(character) || SafePunctuation.Contains(character, StringComparison.Ordinal);

    private static string Part(string text) => text.Replace("~", "~~", StringComparison.Ordinal).Replace(":", "~.", StringComparison.Ordinal);
}
