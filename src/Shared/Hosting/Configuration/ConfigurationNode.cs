namespace Pipeline.Hosting.Configuration;

/// <summary>A piece of the YAML tree and where it begins; lines and columns count from 1.</summary>
internal abstract record ConfigurationNode(int Line, int Column)
{
    /// <summary>What people call it in a message.</summary>
    public abstract string Kind { get; }
}

/// <param name="IsNull">Nothing was written, or a plain <c>~</c> or <c>null</c>: the key counts as absent.</param>
internal sealed record ScalarNode(int Line, int Column, string Text, bool IsNull) : ConfigurationNode(Line, Column)
{
    public override string Kind => IsNull ? "nothing" : "a plain value";
}

internal sealed record SequenceNode(int Line, int Column, IReadOnlyList<ConfigurationNode> Items) : ConfigurationNode(Line, Column)
{
    public override string Kind => "a list";
}

/// <param name="Entries">As they were written, a key that is there twice included.</param>
internal sealed record MappingNode(int Line, int Column, IReadOnlyList<KeyValuePair<ScalarNode, ConfigurationNode>> Entries)
    : ConfigurationNode(Line, Column)
{
    public static MappingNode Empty { get; } = new(1, 1, []);

    public override string Kind => "keys with values";
}
