using System.CommandLine;

namespace Pipeline.Standalone.Commands;

/// <summary>What the program serves with.</summary>
/// <param name="Urls">Separated by semicolons; port 0 is any free one.</param>
/// <param name="Config">Null: <c>pipeline.yaml</c> where it exists, else the defaults.</param>
internal sealed record ServeOptions(string Urls, string Data, string? Config)
{
    public const string DefaultConfig = "pipeline.yaml";

    private static readonly Option<string> UrlsOption = new("--urls")
    {
        Description = "Where to listen, separated by semicolons.",
        HelpName = "urls",
        DefaultValueFactory = _ => "http://localhost:7071",
    };

    private static readonly Option<string> DataOption = new("--data")
    {
        Description = "The folder that holds everything the program keeps.",
        HelpName = "folder",
        DefaultValueFactory = _ => "./data",
    };

    private static readonly Option<string?> ConfigOption = new("--config")
    {
        Description = $"The configuration. Without it {DefaultConfig} where there is one, else the built-in defaults.",
        HelpName = "file",
    };

    public static void AddTo(Command command)
    {
        command.Options.Add(UrlsOption);
        command.Options.Add(DataOption);
        command.Options.Add(ConfigOption);
    }

    public static ServeOptions From(ParseResult parsed) =>
        new(parsed.GetRequiredValue(UrlsOption), parsed.GetRequiredValue(DataOption), parsed.GetValue(ConfigOption));
}
