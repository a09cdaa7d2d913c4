using System.Globalization;

namespace Pipeline.Hosting.Configuration;

/// <summary>Something in the configuration that has to be mended before the program starts, or that is hardly meant so.</summary>
/// <param name="File">The file as it was named on the command line.</param>
/// <param name="Line">From 1; 0 for a problem of the file as a whole.</param>
/// <param name="Column">From 1; 0 for a problem of the file as a whole.</param>
/// <param name="Message">What is wrong and where in the tree. Never holds a secret's value.</param>
/// <param name="Suggestion">What to do about it, a sentence or more; null where the message says it already.</param>
/// <param name="IsWarning">The program starts all the same.</param>
public sealed record ConfigurationProblem(
    string File, int Line, int Column, string Message, string? Suggestion = null, bool IsWarning = false)
{
    /// <summary><c>pipeline.yaml:12:5: unknown key 'timout' under cadence. Did you mean 'timeout'?</c></summary>
    public override string ToString()
    {
        var place = Line == 0 ? File : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
        var message = IsWarning ? $"warning: {Message}" : Message;
        return Suggestion is null ? $"{place}: {message}" : $"{place}: {message}. {Suggestion}";
    }
}

/// <summary>A configuration that can be used, or everything that is wrong with it.</summary>
/// <param name="Configuration">Null when there is any problem.</param>
/// <param name="Problems">What has to be mended, in the order of the lines.</param>
/// <param name="Warnings">What is hardly meant so, in the order of the lines. The configuration can be used all the same.</param>
public sealed record ConfigurationResult(
    PipelineConfiguration? Configuration,
    IReadOnlyList<ConfigurationProblem> Problems,
    IReadOnlyList<ConfigurationProblem> Warnings);
