using Pipeline.Hosting;

namespace Pipeline.Escalation;

/// <summary>Which policy a service's incidents follow.</summary>
internal sealed class EscalationPolicies(
    IReadOnlyDictionary<string, EscalationPolicyConfiguration> policies, IReadOnlyDictionary<string, ServiceConfiguration> services)
{
    public const string Default = "default";

    /// <summary>The service's own policy, else <c>default</c>; validation of the configuration makes sure that both exist.</summary>
    public EscalationPolicyConfiguration For(string service)
    {
        var name = services.TryGetValue(service, out var configured) ? configured.Escalation ?? Default : Default;
        return policies[name];
    }

    public static EscalationLadder LadderOf(EscalationPolicyConfiguration policy) => new(
        policy.Name,
        [.. policy.Levels.Select(level => new EscalationRung(level.Name, level.Targets, level.Timeout))],
        policy.Repeat,
        policy.TimeoutBySeverity,
        policy.Pages);
}
