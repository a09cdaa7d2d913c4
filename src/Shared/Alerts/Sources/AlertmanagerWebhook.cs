using System.Text.Json;
using Pipeline.Alerts.Reading;

namespace Pipeline.Alerts.Sources;

/// <summary>
/// What Alertmanager's webhook receiver posts: an object with <c>alerts</c>, each of which states its status.
/// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
/// </summary>
internal sealed class AlertmanagerWebhook : AlertSource
{
    public override string Name => "alertmanager";

    private protected override void ReadRoot<TSink>(scoped ref PostReader<TSink> post)
    {
        if (post.Token != JsonTokenType.StartObject)
        {
            post.Fail(PostFault.WrongRoot, $"Expected an object with \"alerts\", found {post.Found}. A bare array of alerts goes to POST /api/v2/alerts.");
            return;
        }

        var found = false;
        while (post.NextField())
        {
            if (post.Is("alerts"u8))
            {
                if (found)
                {
                    post.Fail(PostFault.AlertsTwice, "\"alerts\" stands in the post twice; one list is expected.");
                    return;
                }

                found = post.Next() && ReadAlerts(ref post);
            }
            else if (post.Is("truncatedAlerts"u8))
            {
                post.ReadTruncatedAlerts();
            }
            else if (post.Is("externalURL"u8))
            {
                post.ReadSender();
            }
            else
            {
                post.SkipField();
            }
        }

        if (!found)
        {
            post.Fail(PostFault.MissingAlerts, "The object has no \"alerts\".");
        }
    }

    private static bool ReadAlerts<TSink>(scoped ref PostReader<TSink> post)
        where TSink : struct, IAlertSink
    {
        if (post.Token == JsonTokenType.StartArray)
        {
            post.ReadAlerts(StatusRule.Stated);
            return true;
        }

        post.Fail(PostFault.MissingAlerts, $"\"alerts\" must be an array, found {post.Found}.");
        return false;
    }
}
