using System.Globalization;

namespace Pipeline.Hosting.Configuration;

/// <summary>Something in the configuration that has to be mended before the program starts.</summary>
/// <param name="File">The file as it was named on the command line.</param>
/// <param name="Line">From 1; 0 for a problem of the file as a whole.</param>
/// <param name="Column">From 1; 0 for a problem of the file as a whole.</param>
/// <param name="Message">What is wrong and where in the tree. Never holds a secret's value.</param>
/// <param name="Suggestion">What to do about it, a sentence or more; null where the message says it already.</param>
public sealed record ConfigurationProblem(string File, int Line, int Column, string Message, string? Suggestion = null)
{
    /// <summary><c>pipeline.yaml:12:5: unknown key 'timout' under cadence. Did you mean 'timeout'?</c></summary>
    public override string ToString()
    {
        var place = Line == 0 ? File : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
        return Suggestion is null ? $"{place}: {Message}" : $"{place}: {Message}. {Suggestion}";
    }
}

/// <summary>A configuration that can be used, or everything that is wrong with it.</summary>
/// <param name="Configuration">Null when there is any problem.</param>
/// <param name="Problems">In the order of their lines.</param>
public sealed record ConfigurationResult(PipelineConfiguration? Configuration, IReadOnlyList<ConfigurationProblem> Problems);
