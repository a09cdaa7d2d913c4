using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Incidents;

/// <summary>Where incidents lie in the table. An incident's head, alerts and timeline share a partition, so one batch changes them together.</summary>
internal static class IncidentKeys
{
    public const string Head = "head";

    /// <summary>Every incident that was ever begun, newest first.</summary>
    public const string AllIncidents = "incidents";

    /// <summary>Every incident that is open or still has something to tell; can hold one that isn't any more, never lacks one that is.</summary>
    public const string OpenIncidents = "incidents-open";

    public const string Counters = "counters";

    /// <summary>When somebody was last paged for a failure, by its <see cref="FailureKey"/>.</summary>
    public const string PagedFailures = "paged-failures";

    public const string AlertPrefix = "alert|";

    public const string EntryPrefix = "entry|";

    public static string Partition(string incidentId) => $"incident|{incidentId}";

    public static string Alert(string fingerprint) => AlertPrefix + fingerprint;

    public static string Entry(int number) => EntryPrefix + number.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>The row that makes a keyed timeline entry exist once.</summary>
    public static string EntryKey(string key) => "key|" + Hash(key);

    public static string Claim(string correlationKey) => "claim|" + Hash(correlationKey);

    public static string AlertPointer(string fingerprint) => $"alert|{fingerprint}";

    /// <summary>Sorts the highest number first.</summary>
    public static string NewestFirst(long number) => (9_999_999_999 - number).ToString("D10", CultureInfo.InvariantCulture);

    /// <summary>32 hex digits of SHA-256: short enough for keys and ids, and no character that they can't hold.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
