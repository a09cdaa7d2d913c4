using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pipeline.Hosting.Configuration;

/// <summary>
/// YAML text to nodes. Built from the parser's events rather than from YamlDotNet's own tree, which stops at the first duplicate key
/// and follows aliases: here every problem is found, and a small file can't unfold into a huge one.
/// </summary>
internal sealed class YamlTreeReader
{
    /// <summary>The configuration's own depth is 6.</summary>
    private const int MaximumDepth = 32;

    private readonly ReadingContext context;
    private readonly Scanner scanner;
    private readonly Parser parser;

    private YamlTreeReader(ReadingContext context, TextReader text)
    {
        this.context = context;
        scanner = new Scanner(text);
        parser = new Parser(scanner);
    }

    /// <summary>The root mapping, empty for an empty document; null when the text can't be read as one, which is then reported.</summary>
    public static MappingNode? Read(ReadingContext context, string text)
    {
        using var reader = new StringReader(text);
        var tree = new YamlTreeReader(context, reader);
        try
        {
            return tree.ReadStream();
        }
        catch (YamlException exception)
        {
            ReportSyntaxError(context, text, exception);
        }
#pragma warning disable CA1031 // Whatever it is, it says no more than that this text can't be read.
        catch (Exception)
#pragma warning restore CA1031
        {
            // YamlDotNet's own scanner trips over some texts, such as a [ that the next line doesn't close.
            tree.ReportUnreadable();
        }

        return null;
    }

    /// <summary>At the end of the text the parser stands behind its last line, and for a tab at the line before: both are moved to where the eye has to go.</summary>
    private static void ReportSyntaxError(ReadingContext context, string text, YamlException exception)
    {
        var lines = text.TrimEnd().Split('\n');
        var line = Math.Min(Line(exception.Start), lines.Length);
        var tab = Array.FindIndex(lines, line - 1, static candidate => candidate[..^candidate.TrimStart().Length].Contains('\t', StringComparison.Ordinal));
        if (tab >= 0 && exception.Message.Contains("tab", StringComparison.Ordinal))
        {
            context.Report(tab + 1, 1, "this line is indented with a tab", "YAML takes blanks only.");
            return;
        }

        var column = line == Line(exception.Start) ? Column(exception.Start) : lines[line - 1].Length;
        context.Report(line, column, $"this is no valid YAML: {exception.Message.TrimEnd('.')}");
    }

    private void ReportUnreadable() => context.Report(
        Line(scanner.CurrentPosition),
        Column(scanner.CurrentPosition),
        "this is no valid YAML",
        "Check that every [, { and quote before it is closed, and its indentation.");

    private static int Line(Mark mark) => (int)Math.Max(1, mark.Line);

    private static int Column(Mark mark) => (int)Math.Max(1, mark.Column);

    private MappingNode? ReadStream()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            return MappingNode.Empty;
        }

        parser.Consume<DocumentStart>();
        var root = ReadNode(depth: 1);
        if (root is null)
        {
            return null;
        }

        parser.Consume<DocumentEnd>();
        if (parser.Accept<DocumentStart>(out var second))
        {
            context.Report(Line(second.Start), Column(second.Start), "a second YAML document begins here; the configuration is a single one", "Remove the line '---'.");
        }

        switch (root)
        {
            case MappingNode mapping:
                return mapping;
            case ScalarNode { IsNull: true }:
                return MappingNode.Empty;
            default:
                context.Report(root, $"expected keys with values, found {root.Kind}", "Begin with a section such as 'people:'.");
                return null;
        }
    }

    /// <summary>Null when the document can't be read on; the reason is reported by then.</summary>
    private ConfigurationNode? ReadNode(int depth)
    {
        if (depth > MaximumDepth)
        {
            var start = parser.Current!.Start;
            context.Report(Line(start), Column(start), string.Create(CultureInfo.InvariantCulture, $"nested deeper than {MaximumDepth} levels"));
            return null;
        }

        var parsed = parser.Consume<ParsingEvent>();
        RefuseAnchorsAndTags(parsed);
        return parsed switch
        {
            MappingStart => ReadMapping(parsed.Start, depth),
            SequenceStart => ReadSequence(parsed.Start, depth),
            Scalar scalar => new ScalarNode(Line(scalar.Start), Column(scalar.Start), scalar.Value, IsNull(scalar)),
            _ => new ScalarNode(Line(parsed.Start), Column(parsed.Start), "", IsNull: true),
        };
    }

    private MappingNode? ReadMapping(Mark start, int depth)
    {
        var entries = new List<KeyValuePair<ScalarNode, ConfigurationNode>>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (ReadNode(depth + 1) is not { } key || ReadNode(depth + 1) is not { } value)
            {
                return null;
            }

            if (key is ScalarNode name)
            {
                entries.Add(new(name, value));
            }
            else
            {
                context.Report(key, $"a key must be a plain value, found {key.Kind}");
            }
        }

        return new MappingNode(Line(start), Column(start), entries);
    }

    private SequenceNode? ReadSequence(Mark start, int depth)
    {
        var items = new List<ConfigurationNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (ReadNode(depth + 1) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return new SequenceNode(Line(start), Column(start), items);
    }

    private void RefuseAnchorsAndTags(ParsingEvent parsed)
    {
        switch (parsed)
        {
            case AnchorAlias alias:
                context.Report(Line(alias.Start), Column(alias.Start), $"the alias *{alias.Value.Value} is not supported", "Write the value out where it is needed.");
                break;
            case NodeEvent { Anchor.IsEmpty: false } anchored:
                context.Report(Line(anchored.Start), Column(anchored.Start), $"the anchor &{anchored.Anchor.Value} is not supported", "Write the value out where it is needed.");
                break;
            case NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } } tagged:
                context.Report(Line(tagged.Start), Column(tagged.Start), $"the tag {tagged.Tag.Value} is not supported", "Write the value without it.");
                break;
        }
    }

    private static bool IsNull(Scalar scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL";
}
