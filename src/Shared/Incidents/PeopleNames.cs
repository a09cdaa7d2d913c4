using Pipeline.Hosting;

namespace Pipeline.Incidents;

/// <summary>
/// Knows people by id and by name. The rule: what is stored as data is the id, what people read is the name; who isn't configured,
/// such as a token, is called as they called themselves.
/// </summary>
/// <param name="people">By id.</param>
public sealed class PeopleNames(IReadOnlyDictionary<string, Person> people)
{
    private const string PassedOn = " (by ";

    public static PeopleNames None { get; } = new(new Dictionary<string, Person>(StringComparer.Ordinal));

    /// <summary>Returns the id of the one person who bears this id or name, in whatever case; the text as it is where none or several do.</summary>
    public string IdOf(string idOrName) => Find(idOrName)?.Id ?? idOrName;

    /// <summary>Returns the person's name; the text as it is where nobody is known by it.</summary>
    public string NameOf(string idOrName) => Find(idOrName)?.Name ?? idOrName;

    /// <summary>Returns the name for the author of a timeline entry, who may have acted by a program: <c>Alice Chen (by on-call app)</c>.</summary>
    public string AuthorOf(string by)
    {
        var end = by.IndexOf(PassedOn, StringComparison.Ordinal);
        return end < 0 ? NameOf(by) : $"{NameOf(by[..end])}{by[end..]}";
    }

    /// <summary>Returns what stands on the timeline as an entry's author.</summary>
    /// <param name="via">The program that passed the command on; null where there is none.</param>
    internal static string? Author(string? by, string? via) => by is null || via is null ? by : $"{by}{PassedOn}{via})";

    private Person? Find(string idOrName)
    {
        if (people.TryGetValue(idOrName, out var person))
        {
            return person;
        }

        var known = people.Values.Where(one => Same(one.Id, idOrName) || Same(one.Name, idOrName)).Take(2).ToList();
        return known is [var only] ? only : null;
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
