using System.CommandLine;

namespace Pipeline.Standalone.Commands;

/// <summary>The command line. Without a command the program serves.</summary>
internal static class RootCommandFactory
{
    public static RootCommand Create()
    {
        var root = new RootCommand("From alert to incident: escalated, kept up to date, resolved and learned from.")
        {
            ServeCommand.Create(),
            DemoCommand.Create(),
            ValidateCommand.Create(),
        };
        ServeCommand.AddTo(root);
        return root;
    }
}
