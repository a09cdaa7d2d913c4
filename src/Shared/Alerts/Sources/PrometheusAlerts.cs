using System.Text.Json;
using Pipeline.Alerts.Reading;

namespace Pipeline.Alerts.Sources;

/// <summary>
/// What Prometheus and <c>amtool</c> post to an Alertmanager's <c>/api/v2/alerts</c>: an array; an alert whose end has passed is resolved.
/// https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
/// </summary>
internal sealed class PrometheusAlerts : AlertSource
{
    public override string Name => "prometheus";

    private protected override void ReadRoot<TSink>(scoped ref PostReader<TSink> post)
    {
        if (post.Token == JsonTokenType.StartArray)
        {
            post.ReadAlerts(StatusRule.ByEnd);
        }
        else
        {
            post.Fail(PostFault.WrongRoot, $"Expected an array of alerts, found {post.Found}. Alertmanager's webhook posts to /api/alerts/alertmanager.");
        }
    }
}
