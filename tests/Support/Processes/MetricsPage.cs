using System.Globalization;

namespace Pipeline.Tests.Support.Processes;

/// <summary>Reads single figures off a page in Prometheus's text format.</summary>
public static class MetricsPage
{
    /// <summary>The sum of the samples of <paramref name="metric"/> whose line holds every one of <paramref name="labels"/> (<c>name="value"</c>).</summary>
    public static async Task<double> SumAsync(
        HttpClient http, Uri page, string metric, IReadOnlyList<string> labels, CancellationToken cancellationToken)
    {
        var text = await http.GetStringAsync(page, cancellationToken);
        return text.Split('\n')
            .Where(line => line.StartsWith(metric + '{', StringComparison.Ordinal) || line.StartsWith(metric + ' ', StringComparison.Ordinal))
            .Where(line => labels.All(label => line.Contains(label, StringComparison.Ordinal)))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }
}
