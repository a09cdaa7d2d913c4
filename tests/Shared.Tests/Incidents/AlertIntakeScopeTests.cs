using Pipeline.Alerts;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

public sealed class AlertIntakeScopeTests
{
    private readonly IntakeDesk desk = new();

    [Fact]
    public async Task D1_Strangers_of_one_exporter_are_two_incidents()
    {
        await desk.ReceiveAsync(
            Firing("alertname=KubePodCrashLooping;severity=warning;job=kube-state-metrics;namespace=batch;pod=report-x2x9k"),
            Firing("alertname=KubePodCrashLooping;severity=warning;job=kube-state-metrics;namespace=payments;pod=api-7d9f5c6b4-x2x9k"));

        Assert.Equal(["batch/report", "payments/api"], (await desk.IncidentsAsync()).Select(incident => incident.Service));
    }

    [Fact]
    public async Task D1_A_replaced_pod_and_its_deployment_are_one_incident()
    {
        await desk.ReceiveAsync(
            Firing("alertname=KubePodCrashLooping;severity=warning;job=kube-state-metrics;namespace=payments;pod=api-7d9f5c6b4-x2x9k"),
            Firing("alertname=KubePodCrashLooping;severity=warning;job=kube-state-metrics;namespace=payments;pod=api-58c7b9d66c-q8w7z"),
            Firing("alertname=KubeDeploymentReplicasMismatch;severity=warning;job=kube-state-metrics;namespace=payments;deployment=api"));

        var incident = await desk.TheIncidentAsync();
        Assert.Equal(("payments/api", 3), (incident.Service, incident.FiringAlerts));
    }

    [Fact]
    public async Task Own6_One_environment_in_four_spellings_is_one_incident()
    {
        await desk.ReceiveAsync(
            Firing("alertname=A;severity=critical;service=checkout;environment=Production"),
            Firing("alertname=B;severity=critical;service=checkout;environment=production"),
            Firing("alertname=C;severity=critical;service=checkout;env=PROD"),
            Firing("alertname=D;severity=critical;service=checkout"));

        Assert.Equal(("production", 4), ((await desk.TheIncidentAsync()).Environment, (await desk.TheIncidentAsync()).FiringAlerts));
    }

    private static Alert Firing(string labels) => SampleAlert.Firing(SampleAlert.Pairs(labels));
}
