namespace Pipeline.Hosting.Configuration;

/// <summary>Reads <c>server</c>.</summary>
internal static class ServerSection
{
    private const int MaxLength = 200;

    public static ServerConfiguration Read(MappingCursor section) =>
        new() { PathBase = section.Take("path_base") is { } value ? ReadPathBase(value) ?? "" : new ServerConfiguration().PathBase };

    /// <summary>Null for what isn't the path of an address, which is reported.</summary>
    private static string? ReadPathBase(ValueCursor value)
    {
        if (value.Text() is not { } text)
        {
            return null;
        }

        var trimmed = text.TrimEnd('/');
        if (text.StartsWith('/') && text.Length <= MaxLength && trimmed.Split('/').Skip(1).All(IsSegment))
        {
            return trimmed;
        }

        value.Fail(
            $"{Spelling.Quote(text)} is not the path of an address",
            Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
                ? "Leave out the scheme and the host; they belong under reports.base_url."
                : "Write it like /pipeline, with letters, digits, '.', '_', '~' and '-'.");
        return null;
    }

    private static bool IsSegment(string segment) =>
        segment is not ("" or "." or "..") && segment.All(character => char.IsAsciiLetterOrDigit(character) || "._~-".Contains(character, StringComparison.Ordinal));
}
