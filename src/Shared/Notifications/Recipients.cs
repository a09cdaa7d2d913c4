using Pipeline.Hosting;
using Pipeline.Incidents;

namespace Pipeline.Notifications;

/// <summary>Finds who is to be told. Somebody always is: where nobody is configured, the console.</summary>
internal sealed class Recipients(PipelineConfiguration configuration)
{
    /// <summary>Everybody who watches the program.</summary>
    public static Audience Console { get; } = new("the console", [new Recipient(null, new ContactMethod(PipelineConfiguration.Console))]);

    /// <summary>
    /// Who answers for the incident: its commander; where that is nobody the configuration knows, <paramref name="owner"/>;
    /// else the first level of its service's escalation policy.
    /// </summary>
    public Audience LeadOf(Incident incident, string? owner = null)
    {
        var commander = incident.Commander is { } name ? Find(name) : [];
        if (commander.Count > 0)
        {
            return ToPeople(commander);
        }

        return owner is not null && configuration.People.TryGetValue(owner, out var person) ? ToPeople([person]) : ToPeople(FirstLevelOf(incident.Service));
    }

    /// <summary>Who has the incident: its commander and who acknowledged it; where the configuration knows neither, as <see cref="LeadOf"/>.</summary>
    public Audience HoldersOf(Incident incident)
    {
        List<Person> holders = [.. new[] { incident.Commander, incident.PresentAcknowledger }.OfType<string>().SelectMany(Find).DistinctBy(person => person.Id, StringComparer.Ordinal)];
        return holders.Count > 0 ? ToPeople(holders) : LeadOf(incident);
    }

    /// <summary>Returns the policy that a service's incidents follow; null where the configuration has none.</summary>
    public EscalationPolicyConfiguration? PolicyOf(string service) => configuration.Escalation.GetValueOrDefault(
        configuration.Services.GetValueOrDefault(service)?.Escalation ?? PipelineConfiguration.DefaultPolicy);

    /// <summary>Returns whether an incident of this service and severity wakes anybody.</summary>
    public bool Wakes(Incident incident) => PolicyOf(incident.Service)?.Pages.Contains(incident.Severity) ?? false;

    /// <param name="personIds">Ids under <c>people</c>.</param>
    public Audience Of(IEnumerable<string> personIds) => ToPeople(People(personIds));

    /// <summary>Returns the ids of everybody who is known by this id or name; none where the configuration knows nobody.</summary>
    public IReadOnlyList<string> IdsOf(string idOrName) => [.. Find(idOrName).Select(person => person.Id)];

    private static Audience ToPeople(IReadOnlyList<Person> people)
    {
        var recipients = people.SelectMany(person => person.Contacts, (person, contact) => new Recipient(person.Id, contact, person.Name)).ToList();
        return recipients.Count == 0 ? Console : new Audience(string.Join(", ", people.Select(person => person.Name)), recipients);
    }

    /// <summary>People are known by id, but what a command gives as its author may be a name. All who bear it are told.</summary>
    private IReadOnlyList<Person> Find(string idOrName) =>
        configuration.People.TryGetValue(idOrName, out var person)
            ? [person]
            : [.. configuration.People.Values
                .Where(known => Same(known.Id, idOrName) || Same(known.Name, idOrName))
                .OrderBy(known => known.Id, StringComparer.Ordinal)];

    private IReadOnlyList<Person> FirstLevelOf(string service) => People(PolicyOf(service)?.Levels.FirstOrDefault()?.Targets ?? []);

    private IReadOnlyList<Person> People(IEnumerable<string> ids) =>
        [.. ids.Distinct(StringComparer.Ordinal).Select(id => configuration.People.GetValueOrDefault(id)).OfType<Person>()];

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
