using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Notifications.Webhook;

/// <summary>
/// Finds what is secret of a webhook in a text from outside: the signing key, and the parts of the URL that only its owner knows. It finds
/// them however they are written: percent-encoded (also twice), with JSON's escapes, in either case.
/// </summary>
internal sealed class WebhookSecrets
{
    private const string Redacted = "[redacted]";

    // A shorter part of a path is a word such as "hook" or "v2".
    private const int ShortestSegment = 6;

    // What has only small letters and is no longer than this is a word such as "integrations".
    private const int LongestWord = 15;

    // Values of a query, and user and password, are keys more often than words.
    private const int ShortestValue = 4;

    // "%2525" and three hex digits of each byte, the longest form that is looked for.
    private const int BytesPerByte = 9;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Regex? pattern;

    public WebhookSecrets(Uri url, string? secret)
    {
        var parts = PartsOf(url).Append(secret ?? string.Empty).Where(part => part.Length > 0).Distinct(StringComparer.Ordinal)
            .OrderByDescending(part => part.Length).ToList();
        LongestBytes = parts.Count == 0 ? 0 : Encoding.UTF8.GetByteCount(parts[0]) * BytesPerByte;
        pattern = parts.Count == 0
            ? null
            : new Regex(string.Join('|', parts.Select(PatternOf)), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Patience);
    }

    /// <summary>The most bytes that the longest secret part takes in any form that is looked for.</summary>
    public int LongestBytes { get; }

    /// <summary>Returns the text with each secret part replaced. Returns nothing where that can't be done in a second.</summary>
    /// <param name="keep">Drops what begins after this number of characters: a secret at the end of what was read may be torn.</param>
    public string Redact(string text, int keep)
    {
        try
        {
            var redacted = new StringBuilder();
            var from = 0;
            for (var match = pattern?.Match(text); match is { Success: true } && match.Index < keep; match = match.NextMatch())
            {
                redacted.Append(text, from, match.Index - from).Append(Redacted);
                from = match.Index + match.Length;
            }

            var end = Math.Min(keep, text.Length);
            return from < end ? redacted.Append(text, from, end - from).ToString() : redacted.ToString();
        }
        catch (RegexMatchTimeoutException)
        {
            return string.Empty;
        }
    }

    private static IEnumerable<string> PartsOf(Uri url)
    {
        var path = Uri.UnescapeDataString(url.AbsolutePath).Trim('/');
        var query = Uri.UnescapeDataString(url.Query).TrimStart('?');
        var values = url.Query.TrimStart('?').Split('&').Select(pair => Uri.UnescapeDataString(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]));
        var user = Uri.UnescapeDataString(url.UserInfo);
        return
        [
            .. new[] { path, query, $"{path}?{query}" }.Where(part => part.Length >= ShortestSegment),
            .. url.AbsolutePath.Split('/').Select(Uri.UnescapeDataString).Where(IsSecretSegment),
            .. values.Append(user).Concat(user.Split(':')).Where(part => part.Length >= ShortestValue),
        ];
    }

    private static bool IsSecretSegment(string segment) =>
        segment.Length >= ShortestSegment && (segment.Length > LongestWord || !segment.All(char.IsAsciiLetterLower));

    private static string PatternOf(string part) => string.Concat(part.EnumerateRunes().Select(PatternOf));

    // The character itself, its bytes percent-encoded, or its UTF-16 code in JSON; and JSON's short escape with any number of backslashes.
    private static string PatternOf(Rune rune)
    {
        var text = rune.ToString();
        var percent = string.Concat(Encoding.UTF8.GetBytes(text).Select(value => string.Create(CultureInfo.InvariantCulture, $"%(?:25)*{value:x2}")));
        var json = string.Concat(text.Select(unit => string.Create(CultureInfo.InvariantCulture, $@"\\+u{(int)unit:x4}")));
        var plain = $@"\\*{Regex.Escape(text)}";
        return text == " " ? $@"(?:{plain}|\+|{percent}|{json})" : $"(?:{plain}|{percent}|{json})";
    }
}
