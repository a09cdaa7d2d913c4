using System.Globalization;
using Pipeline.Incidents;

namespace Pipeline.Hosting.Configuration;

/// <summary>One value, read as what it has to be. Each reader gives null for a value that isn't it, which is reported by then.</summary>
/// <param name="key">The key before the value; null in a list.</param>
internal sealed class ValueCursor(ReadingContext context, ScalarNode? key, ConfigurationNode node, string path, string schemaPath)
{
    /// <summary>Where people look for it: a plain value itself, else the key that it stands under.</summary>
    private ConfigurationNode Place => node is ScalarNode { IsNull: false } ? node : key ?? node;

    /// <summary>Nothing was written. Only the entries of a list or of a mapping of names can be so.</summary>
    public bool IsNothing => node is ScalarNode { IsNull: true };

    public bool Is(string word) => node is ScalarNode scalar && string.Equals(scalar.Text, word, StringComparison.Ordinal);

    /// <summary>Any text that isn't empty, without the blanks around it.</summary>
    public string? Text() => Scalar()?.Text.Trim();

    public void Fail(string message, string? suggestion = null) => context.Report(Place, $"{path}: {message}", suggestion);

    /// <summary>For a value that can be used and is most likely not meant so.</summary>
    public void Warn(string message, string? suggestion = null) => context.Warn(Place, $"{path}: {message}", suggestion);

    /// <summary>For a problem of the name that stands before the value.</summary>
    public void FailAtKey(string message, string? suggestion = null) => context.Report(key ?? node, $"{path}: {message}", suggestion);

    public MappingCursor? Mapping()
    {
        if (node is MappingNode mapping)
        {
            return new MappingCursor(context, Place, mapping, path, schemaPath);
        }

        Fail($"expected keys with values, found {node.Kind}", "Indent the keys below it, each as 'key: value'.");
        return null;
    }

    /// <summary>A mapping, empty where nothing was written, so that its required keys are reported.</summary>
    public MappingCursor? MappingOrNothing() =>
        IsNothing ? new MappingCursor(context, Place, MappingNode.Empty, path, schemaPath) : Mapping();

    public IReadOnlyList<ValueCursor>? Items()
    {
        if (node is SequenceNode sequence)
        {
            return
            [
                .. sequence.Items.Select((item, index) =>
                    new ValueCursor(context, key: null, item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), $"{schemaPath}[]")),
            ];
        }

        Fail($"expected a list, found {node.Kind}", node is ScalarNode scalar ? $"Write [{Spelling.Shorten(scalar.Text)}]." : "Begin each entry with '- '.");
        return null;
    }

    /// <summary>A list that has at least one entry.</summary>
    public IReadOnlyList<ValueCursor>? SomeItems(string suggestion)
    {
        var items = Items();
        if (items is { Count: 0 })
        {
            Fail("the list is empty", suggestion);
            return null;
        }

        return items;
    }

    /// <summary>A list of different values; one that is there twice is reported.</summary>
    public IReadOnlyList<T>? DistinctItems<T>(Func<ValueCursor, T?> read, string? suggestionIfEmpty = null)
        where T : class
    {
        var items = suggestionIfEmpty is null ? Items() : SomeItems(suggestionIfEmpty);
        return items is null ? null : Distinct(items.Select(item => (item, read(item))));
    }

    public IReadOnlyList<Severity>? Severities() =>
        DistinctItems(item => item.Severity()?.Text())?.Select(text => Incidents.Severities.TryParse(text, out var severity) ? severity : default).ToList();

    public TimeSpan? Duration(DurationRange range)
    {
        if (Scalar()?.Text.Trim() is not { } text)
        {
            return null;
        }

        if (!Durations.TryParse(text, out var duration))
        {
            Fail(
                text.StartsWith('-') ? $"{Spelling.Quote(text)} is negative" : $"{Spelling.Quote(text)} is no duration",
                "Write it like 30s, 5m, 1h30m or 7d.");
            return null;
        }

        if (range.Contains(duration))
        {
            return duration;
        }

        Fail($"{Spelling.Quote(text)} is too {(duration < range.Minimum ? "short" : "long")}", $"It must be {range}.");
        return null;
    }

    /// <summary>A number of bytes.</summary>
    public long? ByteSize(ByteSizeRange range)
    {
        if (Scalar()?.Text.Trim() is not { } text)
        {
            return null;
        }

        if (!ByteSizes.TryParse(text, out var bytes))
        {
            Fail($"{Spelling.Quote(text)} is no number of bytes", "Write it like 512KiB, 96MiB or 1GiB.");
            return null;
        }

        if (range.Contains(bytes))
        {
            return bytes;
        }

        Fail($"{Spelling.Quote(text)} is too {(bytes < range.Minimum ? "little" : "much")}", $"It must be {range}.");
        return null;
    }

    public Severity? Severity()
    {
        if (Scalar()?.Text is not { } text)
        {
            return null;
        }

        if (Incidents.Severities.TryParse(text, out var severity))
        {
            return severity;
        }

        Fail(
            $"{Spelling.Quote(text)} is no severity",
            !IsNumbered(text) && SeverityConfiguration.DefaultWords.TryGetValue(text, out var meant) ? $"Did you mean '{meant.Text()}'?" : "Write SEV-1, SEV-2, SEV-3 or SEV-4.");
        return null;
    }

    /// <summary>A level that doesn't exist, such as SEV-0: which one is meant instead?</summary>
    private static bool IsNumbered(string text) =>
        text.StartsWith("sev", StringComparison.OrdinalIgnoreCase) && char.IsAsciiDigit(text[^1]);

    public int? Integer(int minimum, int maximum)
    {
        if (Scalar()?.Text is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum)
        {
            return number;
        }

        Fail(string.Create(CultureInfo.InvariantCulture, $"expected a whole number from {minimum} to {maximum}, found {Spelling.Quote(text)}"));
        return null;
    }

    /// <summary>One of a few words.</summary>
    public string? Choice(params IReadOnlyCollection<string> allowed)
    {
        var text = Text();
        if (text is null || allowed.Contains(text, StringComparer.Ordinal))
        {
            return text;
        }

        Fail($"{Spelling.Quote(text)} is not one of {string.Join(", ", allowed)}", Spelling.DidYouMean(text, allowed));
        return null;
    }

    private static string WithoutPath(string url)
    {
        var host = url.IndexOf("//", StringComparison.Ordinal) is var slashes and >= 0 ? slashes + 2 : 0;
        var path = url.IndexOfAny(['/', '?', '#'], host);
        return path < 0 ? url : $"{url.AsSpan(0, path + 1)}…";
    }

    /// <summary>An absolute http or https address. One with a password in it isn't printed, and of others no path: a webhook's is a secret.</summary>
    public Uri? Url()
    {
        if (Text() is not { } text)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            var shown = text.Contains('@', StringComparison.Ordinal) ? "this" : Spelling.Quote(WithoutPath(text));
            Fail($"{shown} is no web address", "Write it like https://example.org/path; only http and https are possible.");
            return null;
        }

        if (url.UserInfo.Length > 0)
        {
            Fail("the address carries a user name or password", "Leave it out; a webhook is authenticated by its 'secret'.");
            return null;
        }

        return url;
    }

    /// <summary>A name that is declared elsewhere in the file; whether it is gets checked at the end.</summary>
    public string? Reference(ReferenceKind kind)
    {
        if (Scalar() is not { } scalar)
        {
            return null;
        }

        context.Refer(kind, scalar, path);
        return scalar.Text;
    }

    /// <summary>A secret by reference. The variable must be set already, so that its lack shows at start and not at the first page.</summary>
    public string? Secret()
    {
        if (Scalar() is not { } scalar)
        {
            return null;
        }

        if (SecretReference.Parse(scalar.Text) is not { } reference)
        {
            Fail("a secret must not stand in the file", "Put it into an environment variable and write env:NAME, for example env:HOOK_SECRET.");
            return null;
        }

        if (reference.Resolve(context.Environment) is null)
        {
            Fail($"the environment variable {reference.Variable} is not set", "Set it where the program starts.");
        }

        return reference.ToString();
    }

    private ScalarNode? Scalar()
    {
        if (node is ScalarNode { IsNull: false } scalar && !string.IsNullOrWhiteSpace(scalar.Text))
        {
            return scalar;
        }

        Fail(node is ScalarNode ? "the value is empty" : $"expected a plain value, found {node.Kind}");
        return null;
    }

    private List<T> Distinct<T>(IEnumerable<(ValueCursor Item, T? Value)> items)
        where T : class
    {
        var values = new List<T>();
        foreach (var (item, value) in items)
        {
            if (value is null)
            {
                continue;
            }

            if (values.Contains(value))
            {
                item.Fail($"{Spelling.Quote(value.ToString()!)} is there twice");
            }

            values.Add(value);
        }

        return values;
    }
}
