using Pipeline.EndToEnd;

[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace Pipeline.EndToEnd;

/// <summary>Tests that need the machine for themselves, since they time what happens under load.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneOnTheMachine
{
    public const string Name = "Alone on the machine";
}
