namespace Pipeline.Hosting.Configuration;

/// <summary>What a name in the file can refer to.</summary>
internal enum ReferenceKind
{
    Person,
    Channel,
    Policy,
}

/// <summary>One reading of one file: the problems found so far, and what can only be judged when all of it has been read.</summary>
internal sealed class ReadingContext(string file, Func<string, string?> environment)
{
    private readonly List<ConfigurationProblem> problems = [];
    private readonly List<MappingCursor> mappings = [];
    private readonly List<(ReferenceKind Kind, ScalarNode Node, string Path)> references = [];
    private readonly SortedSet<string> knownKeys = new(StringComparer.Ordinal);

    public Func<string, string?> Environment { get; } = environment;

    /// <summary>Every key that was looked for, as the documentation writes it: <c>escalation.&lt;name&gt;.levels[].timeout</c>.</summary>
    public IReadOnlyCollection<string> KnownKeys => knownKeys;

    /// <summary>In the order of the file, whatever the order of checking.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems => InOrder(isWarning: false);

    /// <summary>In the order of the file. They keep nobody from starting.</summary>
    public IReadOnlyList<ConfigurationProblem> Warnings => InOrder(isWarning: true);

    public void Report(ConfigurationNode at, string message, string? suggestion = null) =>
        Report(at.Line, at.Column, message, suggestion);

    public void Report(int line, int column, string message, string? suggestion = null) =>
        Add(line, column, message, suggestion, isWarning: false);

    /// <summary>For what can be used and is most likely not meant so.</summary>
    public void Warn(ConfigurationNode at, string message, string? suggestion = null) =>
        Add(at.Line, at.Column, message, suggestion, isWarning: true);

    public void Track(MappingCursor mapping) => mappings.Add(mapping);

    public void KeyIsKnown(string schemaPath) => knownKeys.Add(schemaPath);

    public void Refer(ReferenceKind kind, ScalarNode node, string path) => references.Add((kind, node, path));

    /// <summary>To be called when everything was looked for that can be.</summary>
    public void ReportUnknownKeys()
    {
        foreach (var mapping in mappings)
        {
            mapping.ReportUnknownKeys();
        }
    }

    /// <param name="declared">The names that exist of each kind.</param>
    public void ReportDanglingReferences(IReadOnlyDictionary<ReferenceKind, IReadOnlyCollection<string>> declared)
    {
        foreach (var (kind, node, path) in references)
        {
            if (!declared[kind].Contains(node.Text, StringComparer.Ordinal))
            {
                Report(node, $"{path}: there is no {Noun(kind)} {Spelling.Quote(node.Text)}", SuggestOther(kind, node.Text, declared[kind]));
            }
        }
    }

    private void Add(int line, int column, string message, string? suggestion, bool isWarning)
    {
        var printable = suggestion is null ? null : Spelling.Printable(suggestion);
        problems.Add(new ConfigurationProblem(file, line, column, Spelling.Printable(message), printable, isWarning));
    }

    private List<ConfigurationProblem> InOrder(bool isWarning) =>
    [
        .. problems
            .Where(problem => problem.IsWarning == isWarning)
            .OrderBy(problem => problem.Line)
            .ThenBy(problem => problem.Column),
    ];

    private static string SuggestOther(ReferenceKind kind, string name, IReadOnlyCollection<string> declared) =>
        Spelling.DidYouMean(name, declared) ?? kind switch
        {
            ReferenceKind.Person => "Add it under 'people'.",
            ReferenceKind.Channel => "Add it under 'channels', or use 'console'.",
            _ => "Add it under 'escalation'.",
        };

    private static string Noun(ReferenceKind kind) => kind switch
    {
        ReferenceKind.Person => "person",
        ReferenceKind.Channel => "channel",
        _ => "escalation policy",
    };
}
