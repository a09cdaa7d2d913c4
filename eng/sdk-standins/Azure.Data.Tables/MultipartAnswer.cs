using System.Globalization;
using System.Text;

namespace Azure.Data.Tables;

/// <summary>
/// The answer to a transaction: one HTTP response for each operation in order, or a single one where an operation failed.
/// https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions#response
/// </summary>
internal static class MultipartAnswer
{
    private const string StatusLine = "HTTP/1.1 ";

    public static IReadOnlyList<Response> Parse(BinaryData body)
    {
        // Only what stands between a status line and the next boundary matters: the rest is framing.
        var lines = Encoding.UTF8.GetString(body).Split('\n').Select(line => line.TrimEnd('\r')).ToList();
        var answers = new List<Response>();
        for (var at = lines.FindIndex(IsStatusLine); at >= 0; at = lines.FindIndex(at + 1, IsStatusLine))
        {
            answers.Add(ReadOne(lines, at));
        }

        return answers;
    }

    private static bool IsStatusLine(string line) => line.StartsWith(StatusLine, StringComparison.Ordinal);

    private static PartResponse ReadOne(List<string> lines, int at)
    {
        var words = lines[at][StatusLine.Length..].Split(' ', 2);
        var status = int.Parse(words[0], CultureInfo.InvariantCulture);
        var headers = new List<KeyValuePair<string, string>>();
        var next = at + 1;
        for (; next < lines.Count && lines[next].Length > 0 && !IsBoundary(lines[next]); next++)
        {
            var colon = lines[next].IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                headers.Add(new(lines[next][..colon], lines[next][(colon + 1)..].Trim()));
            }
        }

        var content = lines.Skip(next).TakeWhile(line => !IsBoundary(line));
        return new PartResponse(status, words.Length > 1 ? words[1] : "", headers, string.Join('\n', content).Trim());
    }

    // Nothing else in an answer begins a line so: a body is empty or an error, whose JSON stands on one line.
    private static bool IsBoundary(string line) => line.StartsWith("--", StringComparison.Ordinal);
}
