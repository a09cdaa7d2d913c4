namespace Pipeline.Incidents;

/// <param name="By">Who decided.</param>
/// <param name="Via">The token's name where a program passes a person's command on; null where they are one.</param>
/// <param name="Key">The caller's Idempotency-Key: the same command of the same caller that comes again with it is done once.</param>
public sealed record IncidentCommand(string By, string? Via = null, string? Key = null);

/// <summary>What a command came to.</summary>
/// <param name="Incident">As it is now; null where there is none of that id.</param>
public sealed record CommandResult(Incident? Incident, CommandRefusal Refusal);

/// <summary>The commands of people: decided by <see cref="IncidentTransitions"/>, written, and told to the orchestrations before the answer.</summary>
public sealed class IncidentCommands(IncidentStore store, IncidentSignals signals)
{
    public Task<CommandResult> AcknowledgeAsync(string id, IncidentCommand command, CancellationToken cancellationToken) =>
        RunAsync(id, command, change => IncidentTransitions.Acknowledge(change, command.By), cancellationToken);

    public Task<CommandResult> PostUpdateAsync(string id, string text, IncidentCommand command, IncidentStage? stage, CancellationToken cancellationToken) =>
        RunAsync(id, command, change => IncidentTransitions.PostUpdate(change, text, command.By, stage), cancellationToken);

    public Task<CommandResult> SetSeverityAsync(string id, Severity severity, string reason, IncidentCommand command, CancellationToken cancellationToken) =>
        RunAsync(id, command, change => IncidentTransitions.SetSeverity(change, severity, reason, command.By), cancellationToken);

    public Task<CommandResult> SetStageAsync(string id, IncidentStage stage, IncidentCommand command, CancellationToken cancellationToken) =>
        RunAsync(id, command, change => IncidentTransitions.SetStage(change, stage, command.By), cancellationToken);

    public Task<CommandResult> ResolveAsync(string id, IncidentCommand command, string? note, bool force, CancellationToken cancellationToken) =>
        RunAsync(id, command, change => IncidentTransitions.Resolve(change, command.By, note, force), cancellationToken);

    private async Task<CommandResult> RunAsync(
        string id,
        IncidentCommand command,
        Func<IncidentChange, CommandRefusal> decide,
        CancellationToken cancellationToken,
        [System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        var key = command.Key is null ? null : $"command|{name}|{command.Via ?? command.By}|{command.Key}";
        if (key is not null && await store.WasDoneAsync(id, key, cancellationToken).ConfigureAwait(false))
        {
            return new CommandResult(await store.GetAsync(id, cancellationToken).ConfigureAwait(false), CommandRefusal.None);
        }

        var edit = await store.EditAsync(
            id,
            change =>
            {
                change.KeyOfFirstEntry = key;
                change.Via = command.Via;
                var refusal = decide(change);
                if (refusal != CommandRefusal.None)
                {
                    change.Discard();
                }

                return refusal;
            },
            cancellationToken).ConfigureAwait(false);
        if (edit is null)
        {
            return new CommandResult(null, CommandRefusal.None);
        }

        await signals.TryDispatchAsync(edit.Incident).ConfigureAwait(false);

        // Refused because the same command, sent twice at once, was done a moment ago: both are answered alike.
        var isDone = edit.Result != CommandRefusal.None && key is not null && await store.WasDoneAsync(id, key, cancellationToken).ConfigureAwait(false);
        return new CommandResult(edit.Incident, isDone ? CommandRefusal.None : edit.Result);
    }
}
