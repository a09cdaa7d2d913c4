using Pipeline.Alerts;
using Pipeline.Escalation;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Notifications;
using Pipeline.Postmortems;

#pragma warning disable MA0048 // Arrows that ArchitectureTests must find: one small type for each way to name another.

namespace Pipeline.Alerts.Planted
{
    internal abstract class BaseType : IDeliveryReceipts
    {
        public abstract Task RecordAsync(DeliveryReceipt receipt, CancellationToken cancellationToken);
    }

    internal sealed class Field(EscalationLadder? given)
    {
        private readonly EscalationLadder? ladder = given;

        public bool IsThere => ladder is not null;
    }

    internal sealed class Parameter
    {
        public static bool IsThere(Notification? notification) => notification is not null;
    }

    internal sealed class GenericArgument
    {
        public static IReadOnlyList<Incident> Incidents { get; } = [];
    }

    internal sealed class CallInABody
    {
        public static string Text() => Severity.Sev1.Text();
    }

    internal sealed class CallInALambda
    {
        public static Func<int, string> Text() => level => ((Severity)level).Text();
    }

    internal sealed class CallInAnAsyncMethod
    {
        public static async Task<string> TextAsync()
        {
            await Task.Yield();
            return Severity.Sev1.Text();
        }
    }

    internal sealed class TypeOf
    {
        public static Type Document() => typeof(PostmortemFacts);
    }

    internal sealed class FullyQualified
    {
        public static global::Pipeline.Reports.WeeklyReview? Review { get; }
    }

    internal sealed class ComposesTheProduct
    {
        public static string Name() => typeof(PipelineServices).Name;
    }
}

namespace Pipeline.Incidents.Planted
{
    internal sealed class ReadsAlertsAndConfiguration
    {
        public static bool IsThere(Alert? alert, PipelineConfiguration? configuration) => alert is not null && configuration is not null;
    }
}
