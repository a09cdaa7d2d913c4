using Pipeline.Hosting.Configuration;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

public sealed class YamlFuzzTests
{
    private static readonly string[] Inserted = ["[", "{", "]", "}", "\"", "'", "? ", ": ", "- ", "&a ", "*a ", "!t ", "| ", "> ", "%", "@", "`", ",", "\t", "#", "---\n", "\0", "\uFEFF", "\u0085"];

    /// <summary>Whatever is typed into a configuration by mistake, the answer is a list of problems or a configuration, never an exception.</summary>
    [Fact]
    public void R11_No_text_makes_the_reader_throw()
    {
        var sample = RepositoryFile.Read("pipeline.yaml");
        var texts = new List<string>();
        for (var at = 0; at < sample.Length; at += 97)
        {
            texts.Add(sample[..at]);
            texts.AddRange(Inserted.Select(text => sample.Insert(at, text)));
        }

        foreach (var text in texts)
        {
            var result = ConfigurationReader.ReadText(text, "pipeline.yaml", _ => "set");
            Assert.True(result.Configuration is not null || result.Problems.Count > 0);
            Assert.All(result.Problems, problem => Assert.DoesNotContain('\n', problem.ToString()));
        }
    }
}
