namespace Pipeline.Runtime;

/// <summary>
/// The name under which the program's metrics are found, by <c>dotnet-counters</c> or an OpenTelemetry exporter.
/// </summary>
public static class PipelineMeter
{
    public const string Name = "Pipeline";
}
