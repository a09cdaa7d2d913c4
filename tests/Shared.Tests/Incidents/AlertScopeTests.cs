using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Incidents;

public sealed class AlertScopeTests
{
    private static readonly CorrelationConfiguration Defaults = new();

    [Theory]
    // Each by the first label that names it.
    [InlineData("service=checkout;environment=staging;region=eu", "checkout | staging | eu")]
    // The other labels that Prometheus setups use.
    [InlineData("app=checkout;env=test", "checkout | test | ")]
    [InlineData("service_name=checkout", "checkout | production | ")]
    [InlineData("app_kubernetes_io_name=checkout", "checkout | production | ")]
    [InlineData("job=checkout", "checkout | production | ")]
    // The first of the list wins, not the first of the alert.
    [InlineData("job=web;app=shop;service=checkout", "checkout | production | ")]
    // Nothing but blanks is no name.
    [InlineData("service= ;app=shop", "shop | production | ")]
    // None at all.
    [InlineData("alertname=A", "unknown | production | ")]
    public void The_scope_is_read_from_the_labels(string labels, string expected)
    {
        var scope = Scope(labels);
        Assert.Equal(expected, $"{scope.Service} | {scope.Environment} | {scope.Region}");
    }

    [Theory]
    // An exporter's job is no service; what it measures is told by namespace and workload.
    [InlineData("job=kube-state-metrics;namespace=batch", "batch", "batch")]
    [InlineData("job=kube-state-metrics;namespace=payments;deployment=api", "payments/api", "payments")]
    [InlineData("job=kube-state-metrics;namespace=payments;statefulset=db", "payments/db", "payments")]
    [InlineData("job=kube-state-metrics;namespace=payments;daemonset=agent", "payments/agent", "payments")]
    [InlineData("job=kube-state-metrics;namespace=payments;job_name=report-28391520", "payments/report", "payments")]
    [InlineData("job=kube-state-metrics;namespace=payments;cronjob=report", "payments/report", "payments")]
    [InlineData("job=kube-state-metrics;namespace=payments;pod=api-7d9f5c6b4-x2x9k;container=app", "payments/api", "payments")]
    // The same where the monitoring of a Helm release names its Service, a pod monitor its path, or Grafana's agent its integration.
    [InlineData("service=kube-prometheus-stack-kube-state-metrics;namespace=payments;deployment=api", "payments/api", "payments")]
    [InlineData("job=monitoring/kube-state-metrics;namespace=payments;deployment=api", "payments/api", "payments")]
    [InlineData("job=integrations/kubernetes/kube-state-metrics;namespace=payments", "payments", "payments")]
    [InlineData("job=integrations/kubernetes/cadvisor;namespace=payments;pod=db-0", "payments/db", "payments")]
    [InlineData("job=kubelet;namespace=payments;persistentvolumeclaim=data-db-0", "payments/data-db", "payments")]
    // Where the scrape overwrote the metric's labels, the exported ones are the failing ones.
    [InlineData("job=kube-state-metrics;namespace=monitoring;pod=kube-state-metrics-6d8b9c8f5-q4w7z;exported_namespace=payments;exported_pod=api-7d9f5c6b4-x2x9k", "payments/api", "payments")]
    // Where it kept them, the pod can be the exporter's and the namespace the failing one, except of nodes.
    [InlineData("job=kube-state-metrics;namespace=payments;pod=kube-state-metrics-6d8b9c8f5-q4w7z;resourcequota=q", "payments", "payments")]
    [InlineData("job=kube-state-metrics;namespace=monitoring;pod=kube-state-metrics-6d8b9c8f5-q4w7z;node=n1", "unknown", null)]
    [InlineData("job=kubelet;service=kubelet;namespace=kube-system;node=n1;instance=10.0.0.1:10250", "unknown", null)]
    // A node beside the workload takes nothing away.
    [InlineData("job=kubelet;namespace=payments;persistentvolumeclaim=data-db-0;node=n1", "payments/data-db", "payments")]
    // An exporter's own namespace and pod say who measured.
    [InlineData("job=node-exporter;namespace=monitoring;pod=node-exporter-x2x9k;instance=n1", "unknown", null)]
    [InlineData("job=node;instance=db-1:9100", "unknown", null)]
    [InlineData("job=blackbox-http;instance=https://shop.example.org", "unknown", null)]
    // What a pushgateway passes on names itself.
    [InlineData("job=pushgateway;exported_job=nightly-report", "nightly-report", null)]
    // A service that has its own label keeps it, and its namespace.
    [InlineData("job=kube-state-metrics;service=checkout;namespace=payments", "checkout", "payments")]
    [InlineData("job=checkout;namespace=payments;pod=checkout-7d9f5c6b4-x2x9k", "checkout", "payments")]
    // No namespace.
    [InlineData("deployment=api", "api", null)]
    public void D1_An_exporter_is_no_service(string labels, string service, string? place)
    {
        var scope = Scope(labels);
        Assert.Equal((service, place), (scope.Service, scope.Namespace));
    }

    [Theory]
    [InlineData("kube-state-metrics", true)]
    [InlineData("Kube_State_Metrics", true)]
    [InlineData("kube-state-metrics-v2", true)]
    [InlineData("my-release-kube-state-metrics", true)]
    [InlineData("node-exporter", true)]
    [InlineData("node_exporter", true)]
    [InlineData("prometheus-node-exporter", true)]
    [InlineData("integrations/node_exporter", true)]
    [InlineData("integrations/unix", true)]
    [InlineData("node", true)]
    [InlineData("kubelet", true)]
    [InlineData("prometheus-kube-prometheus-kubelet", true)]
    [InlineData("cadvisor", true)]
    [InlineData("kubernetes-nodes-cadvisor", true)]
    [InlineData("kubernetes-pods", true)]
    [InlineData("kubernetes-service-endpoints-slow", true)]
    [InlineData("blackbox", true)]
    [InlineData("blackbox_exporter", true)]
    [InlineData("prometheus-blackbox-exporter-http", true)]
    [InlineData("prometheus-operated", true)]
    // What only looks like one.
    [InlineData("payments-node", false)]
    [InlineData("checkout", false)]
    [InlineData("apiserver", false)]
    [InlineData("prometheus-k8s", false)]
    [InlineData("node-pool-manager", false)]
    [InlineData("unixtime", false)]
    public void D1_Exporters_are_known_by_their_names(string name, bool expected) =>
        Assert.Equal(expected, NamePattern.AnyMatches(Defaults.ExporterJobs, name));

    [Theory]
    [InlineData("", "", true)]
    [InlineData("*", "", true)]
    [InlineData("*", "a", true)]
    [InlineData("a*b*c", "a-xx-b-c-c", true)]
    [InlineData("a*b*c", "a-xx-b-c-d", false)]
    [InlineData("*ab", "aab", true)]
    [InlineData("a", "", false)]
    [InlineData("", "a", false)]
    public void A_star_stands_for_any_text(string pattern, string name, bool expected) => Assert.Equal(expected, NamePattern.Matches(pattern, name));

    [Theory]
    // Deployments append a hash and five random characters, daemon sets and jobs only those, stateful sets an ordinal.
    [InlineData("pod", "checkout-api-7d9f5c6b4-x2x9k", "checkout-api")]
    [InlineData("pod", "fluentd-q8w7z", "fluentd")]
    [InlineData("pod", "postgres-12", "postgres")]
    [InlineData("pod", "report-28391520-x2x9k", "report")]
    [InlineData("exported_pod", "api-7d9f5c6b4-x2x9k", "api")]
    // A pod without a controller, or a static one.
    [InlineData("pod", "debug", "debug")]
    [InlineData("pod", "kube-apiserver-control-plane", "kube-apiserver-control-plane")]
    // Neither a word with vowels nor a short number is a suffix.
    [InlineData("pod", "web-proxy", "web-proxy")]
    [InlineData("job_name", "report-28391520", "report")]
    [InlineData("job_name", "report-2", "report-2")]
    [InlineData("replicaset", "api-7d9f5c6b4", "api")]
    // A name that a person gave stays as it is.
    [InlineData("deployment", "api-7d9f5c6b4", "api-7d9f5c6b4")]
    public void D1_What_controllers_append_is_cut(string label, string name, string expected) =>
        Assert.Equal(expected, KubernetesName.Workload(label, name));

    [Theory]
    // However it is written, and where nobody wrote it.
    [InlineData("environment=Production", "production")]
    [InlineData("environment=production", "production")]
    [InlineData("environment=PROD", "production")]
    [InlineData("env=prd", "production")]
    [InlineData("alertname=A", "production")]
    [InlineData("environment=Stage", "staging")]
    [InlineData("environment=stg", "staging")]
    [InlineData("environment=dev", "development")]
    // A cluster where nothing better is said.
    [InlineData("cluster=EU-1", "eu-1")]
    [InlineData("cluster=eu-1;env=prod", "production")]
    // A name that means nothing else.
    [InlineData("environment=Pre-Prod", "pre-prod")]
    public void Own6_An_environment_is_one_however_it_is_written(string labels, string expected) => Assert.Equal(expected, Scope(labels).Environment);

    [Fact]
    public void Own6_The_default_environment_and_the_aliases_of_a_file_are_folded_too()
    {
        var configuration = Defaults with
        {
            DefaultEnvironment = "UAT",
            EnvironmentAliases = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["uat"] = "Staging" },
        };
        Assert.Equal("staging", AlertScope.Of(SampleAlert.Firing(SampleAlert.Pairs("alertname=A")), configuration).Environment);
    }

    [Theory]
    // Without a service the machine is what tells such alerts apart; the port is the exporter's.
    [InlineData("job=node;instance=db-1:9100", "db-1")]
    [InlineData("job=node;instance=db-1:9100;node=worker-1", "worker-1")]
    [InlineData("job=blackbox;instance=https://shop.example.org/health", "https://shop.example.org/health")]
    [InlineData("job=blackbox;instance=[2001:db8::1]:9115", "[2001:db8::1]")]
    [InlineData("job=web;instance=web-1:80", null)]
    public void D1_The_host_counts_where_there_is_no_service(string labels, string? expected) => Assert.Equal(expected, Scope(labels).Host);

    private static AlertScope Scope(string labels) => AlertScope.Of(SampleAlert.Firing(SampleAlert.Pairs(labels)), Defaults);
}
