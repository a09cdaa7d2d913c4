using System.Globalization;
using Pipeline.Incidents;

namespace Pipeline.Hosting.Configuration;

/// <summary>
/// Reads the keys of one mapping and remembers which were looked for. What is left over at the end is unknown, so that a new key needs to be
/// named in one place only: where it is read.
/// </summary>
internal sealed class MappingCursor
{
    private readonly ReadingContext context;
    private readonly ConfigurationNode place;
    private readonly string path;
    private readonly string schemaPath;
    private readonly Dictionary<string, KeyValuePair<ScalarNode, ConfigurationNode>> entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> lookedFor = new(StringComparer.Ordinal);
    private bool namesAreFree;

    /// <param name="place">Where a missing key is reported.</param>
    /// <param name="path">Where it stands, for people: <c>escalation.default.levels[0]</c>; empty for the root.</param>
    /// <param name="schemaPath">The same with placeholders: <c>escalation.&lt;name&gt;.levels[]</c>.</param>
    public MappingCursor(ReadingContext context, ConfigurationNode place, MappingNode node, string path, string schemaPath)
    {
        this.context = context;
        this.place = place;
        this.path = path;
        this.schemaPath = schemaPath;
        foreach (var entry in node.Entries)
        {
            if (!entries.TryAdd(entry.Key.Text, entry))
            {
                var first = entries[entry.Key.Text].Key.Line;
                context.Report(
                    entry.Key,
                    $"duplicate key {Spelling.Quote(entry.Key.Text)} {Where}",
                    string.Create(CultureInfo.InvariantCulture, $"It is on line {first} already; keep one of them."));
            }
        }

        context.Track(this);
    }

    private string Where => path.Length == 0 ? "at the top level" : $"under {path}";

    /// <summary>Null where the key is absent or has nothing after it.</summary>
    public ValueCursor? Take(string key)
    {
        lookedFor.Add(key);
        var keySchema = Join(schemaPath, key);
        context.KeyIsKnown(keySchema);
        return entries.TryGetValue(key, out var entry) && entry.Value is not ScalarNode { IsNull: true }
            ? new ValueCursor(context, entry.Key, entry.Value, Join(path, key), keySchema)
            : null;
    }

    /// <summary>The same for a key that must be there; its absence is reported.</summary>
    public ValueCursor? Require(string key, string suggestion)
    {
        var value = Take(key);
        if (value is null)
        {
            context.Report(PlaceOf(key), $"{(path.Length == 0 ? "" : path + ": ")}'{key}' is missing", suggestion);
        }

        return value;
    }

    /// <summary>The key, or what stands for it where it is absent.</summary>
    public ConfigurationNode PlaceOf(string key) => entries.TryGetValue(key, out var entry) ? entry.Key : place;

    /// <summary>A mapping below; an empty one where there is none, so that its keys are looked for all the same.</summary>
    public MappingCursor Section(string key) =>
        Take(key)?.Mapping() ?? new MappingCursor(context, PlaceOf(key), MappingNode.Empty, Join(path, key), Join(schemaPath, key));

    /// <summary>All entries of a mapping whose keys are names that the user chose.</summary>
    /// <param name="placeholder">What the documentation calls the name, e.g. <c>&lt;id&gt;</c>.</param>
    public IReadOnlyList<(ScalarNode Name, ValueCursor Value)> Named(string placeholder)
    {
        namesAreFree = true;
        context.KeyIsKnown(Join(schemaPath, placeholder));
        return
        [
            .. entries.Values.Select(entry =>
                (entry.Key, new ValueCursor(context, entry.Key, entry.Value, Join(path, entry.Key.Text), Join(schemaPath, placeholder)))),
        ];
    }

    /// <summary>The entries of a mapping whose keys are severities; another key, or one severity in two spellings, is reported.</summary>
    public IReadOnlyList<(Severity Severity, ValueCursor Value)> BySeverity()
    {
        var read = new List<(Severity Severity, ValueCursor Value)>();
        foreach (var (name, value) in Named("<severity>"))
        {
            if (new ValueCursor(context, key: null, name, path, schemaPath).Severity() is not { } severity)
            {
                continue;
            }

            if (read.Exists(entry => entry.Severity == severity))
            {
                context.Report(name, $"{path}: {severity.Text()} is there twice", "Keep one of them.");
            }

            read.Add((severity, value));
        }

        return read;
    }

    public void ReportUnknownKeys()
    {
        if (namesAreFree)
        {
            return;
        }

        foreach (var (key, _) in entries.Values)
        {
            if (!lookedFor.Contains(key.Text))
            {
                context.Report(key, $"unknown key {Spelling.Quote(key.Text)} {Where}", Spelling.DidYouMean(key.Text, lookedFor) ?? WhereElse(key.Text));
            }
        }
    }

    /// <summary>A right key in a wrong place, most often by its indentation.</summary>
    private string WhereElse(string key)
    {
        var places = context.KnownKeys
            .Where(known => known.EndsWith($".{key}", StringComparison.Ordinal) || string.Equals(known, key, StringComparison.Ordinal))
            .Select(known => known.Length == key.Length ? "the top level" : known[..^(key.Length + 1)])
            .ToList();
        return places.Count > 0
            ? $"It belongs under {string.Join(" or ", places)}; check the indentation."
            : $"Known here: {string.Join(", ", lookedFor)}.";
    }

    private static string Join(string parent, string key) => parent.Length == 0 ? key : $"{parent}.{key}";
}
