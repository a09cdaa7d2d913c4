using Pipeline.Tests.Support.Processes;

namespace Pipeline.EndToEnd;

public sealed class AlertAddedWithAmtool
{
    [Fact]
    public async Task Amtool_takes_the_answer_for_success_and_the_alert_opens_an_incident()
    {
        var amtool = Installed.Amtool;
        await using var scene = await Scene.SetAsync();
        await scene.StartPipelineAsync();

        var (exitCode, output) = await ChildProcess.RunAsync(
            amtool,
            [
                $"--alertmanager.url={scene.Url.GetLeftPart(UriPartial.Authority)}",
                "alert", "add", "alertname=DiskFull", "service=storage", "environment=staging", "severity=warning",
                "--annotation=summary=The disk is full",
            ],
            Scene.Patience,
            TestContext.Current.CancellationToken);

        Assert.True(exitCode == 0, $"amtool ended with {exitCode}: {output}\n{scene.Explain()}");
        var incident = await scene.TheIncidentAsync("the incident", one => one.Alerts.Count > 0);
        Assert.Equal("storage", incident.Service);
        Assert.Equal("staging", incident.Environment);
        Assert.Equal("SEV-3", incident.Severity);
        Assert.Equal("firing", Assert.Single(incident.Alerts).Status);
    }
}
