using Pipeline.Runtime;

namespace Pipeline.Functions.Durable;

/// <summary>The page of a query out of instances that come in no order: those after the cursor, the least ids first.</summary>
internal sealed class OrchestrationPaging(OrchestrationQuery query)
{
    /// <summary>Instances asked of the service at a time.</summary>
    public const int ScanPage = 100;

    // One more than the page has, to know whether another follows.
    private readonly SortedDictionary<string, Func<OrchestrationInstance>> least = new(StringComparer.Ordinal);

    public void Add(string instanceId, string name, Func<OrchestrationInstance> instance)
    {
        if (string.CompareOrdinal(instanceId, query.Cursor ?? "") <= 0 || (query.Name is { } wanted && wanted != name))
        {
            return;
        }

        least[instanceId] = instance;
        if (least.Count > query.Take + 1)
        {
            least.Remove(least.Keys.Last());
        }
    }

    public OrchestrationPage ToPage()
    {
        List<OrchestrationInstance> items = [.. least.Values.Take(query.Take).Select(instance => instance())];
        return new OrchestrationPage(items, least.Count > query.Take ? items[^1].InstanceId : null);
    }
}
