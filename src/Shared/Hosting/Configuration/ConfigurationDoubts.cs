namespace Pipeline.Hosting.Configuration;

/// <summary>
/// Warns of a configuration that can be used and most likely doesn't do what was meant.
/// Sections warn of their own values; this looks at the whole.
/// </summary>
internal static class ConfigurationDoubts
{
    public static void Report(ReadingContext context, MappingCursor root, PipelineConfiguration configuration)
    {
        foreach (var doubt in OfAccess(configuration).Concat(OfPages(configuration)).Concat(OfChannels(configuration)))
        {
            context.Warn(root.PlaceOf(doubt.Section), doubt.Message, doubt.Suggestion);
        }
    }

    private static IEnumerable<Doubt> OfAccess(PipelineConfiguration configuration)
    {
        var roles = configuration.Access.Tokens.Select(token => token.Role).ToList();
        if (roles.Count == 0)
        {
            // Whoever is on this machine is an admin.
            yield break;
        }

        if (!roles.Exists(role => role is AccessRole.Responder or AccessRole.Admin))
        {
            yield return new Doubt(
                "access",
                "access.tokens: no token has the role responder or admin, so nobody can acknowledge",
                "Add one: {name: on-call, role: responder, sha256: …}.");
        }

        if (!roles.Exists(role => role is AccessRole.Ingest or AccessRole.Admin))
        {
            yield return new Doubt(
                "access",
                "access.tokens: no token has the role ingest or admin, so no alert is taken",
                "Add one: {name: alertmanager, role: ingest, sha256: …}.");
        }
    }

    private static IEnumerable<Doubt> OfPages(PipelineConfiguration configuration) => configuration.Escalation.Values
        .Where(policy => policy.Pages.Count == 0)
        .Select(policy => policy.Name)
        .Order(StringComparer.Ordinal)
        .Select(name => new Doubt(
            "escalation",
            $"escalation.{name}.pages: the list is empty, so this policy wakes nobody",
            "Name severities, or leave the key out for SEV-1 to SEV-3."));

    private static IEnumerable<Doubt> OfChannels(PipelineConfiguration configuration) => configuration.Channels.Keys
        .Except(configuration.People.Values.SelectMany(person => person.Contacts).Select(contact => contact.Channel), StringComparer.Ordinal)
        .Where(name => name != PipelineConfiguration.Console)
        .Order(StringComparer.Ordinal)
        .Select(name => new Doubt(
            "channels",
            $"channels.{name}: nobody has a contact on this channel, so nothing is sent by it",
            $"Add it to a person: contacts: [{{channel: {name}}}]."));

    private sealed record Doubt(string Section, string Message, string Suggestion);
}
