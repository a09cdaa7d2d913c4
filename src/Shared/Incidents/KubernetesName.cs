using System.Buffers;

namespace Pipeline.Incidents;

/// <summary>
/// Takes from the names of Kubernetes objects what their controllers appended, so that a replaced pod is still the same workload.
/// Kubernetes writes random suffixes with a "safe" alphabet without vowels (k8s.io/apimachinery/pkg/util/rand).
/// </summary>
internal static class KubernetesName
{
    private const int RandomSuffix = 5;

    // A hash of 32 bits has at most ten digits, each written as one of ten letters. Fewer than six are improbable, and would be words.
    private const int MinHash = 6;
    private const int MaxHash = 10;

    // A CronJob's jobs end in their scheduled time in minutes (8 digits) or seconds (10 digits) since 1970.
    private const int MinScheduledTime = 8;
    private const int MaxScheduledTime = 10;
    private const int MaxOrdinal = 5;

    private static readonly SearchValues<char> Random = SearchValues.Create("bcdfghjklmnpqrstvwxz2456789");
    private static readonly SearchValues<char> Hash = SearchValues.Create("456789bcdf");
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    /// <summary>Returns the workload that a label names. Which suffix is cut depends on what kind of object the label names.</summary>
    public static string Workload(string label, string name) => label switch
    {
        "pod" or "exported_pod" or "pod_name" or "kubernetes_pod_name" => OfPod(name),
        "job_name" => OfJob(name),
        "replicaset" => Cut(name, Hash, MinHash, MaxHash) ?? name,
        "persistentvolumeclaim" => Cut(name, Digits, 1, MaxOrdinal) ?? name,
        _ => name,
    };

    private static string OfPod(string name)
    {
        if (Cut(name, Random, RandomSuffix, RandomSuffix) is { } owner)
        {
            return Cut(owner, Hash, MinHash, MaxHash) ?? OfJob(owner);
        }

        return Cut(name, Digits, 1, MaxOrdinal) ?? name;
    }

    private static string OfJob(string name) => Cut(name, Digits, MinScheduledTime, MaxScheduledTime) ?? name;

    /// <summary>The name before its last dash where what follows is such a suffix; else null.</summary>
    private static string? Cut(string name, SearchValues<char> alphabet, int minimum, int maximum)
    {
        var dash = name.LastIndexOf('-');
        if (dash <= 0)
        {
            return null;
        }

        var suffix = name.AsSpan(dash + 1);
        return suffix.Length >= minimum && suffix.Length <= maximum && suffix.IndexOfAnyExcept(alphabet) < 0 ? name[..dash] : null;
    }
}
