using System.Text;
using Pipeline.Incidents;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class PipelineJsonTests
{
    private sealed record Sample(Severity Severity, IncidentStage Stage, IReadOnlyDictionary<Severity, int> Counts);

    [Fact]
    public void A_severity_is_written_as_people_write_it_and_other_enums_as_words()
    {
        var sample = new Sample(Severity.Sev2, IncidentStage.Investigating, new Dictionary<Severity, int> { [Severity.Sev1] = 3 });

        var json = PipelineJson.ToUtf8(sample);

        Assert.Equal("""{"severity":"SEV-2","stage":"investigating","counts":{"SEV-1":3}}""", Encoding.UTF8.GetString(json));
        var read = PipelineJson.FromUtf8<Sample>(json);
        Assert.Equal((Severity.Sev2, IncidentStage.Investigating, 3), (read.Severity, read.Stage, read.Counts[Severity.Sev1]));
    }
}
