using System.CommandLine;
using Pipeline.Standalone.Commands;
using Xunit;

namespace Pipeline.Standalone.Tests.Commands;

public sealed class ValidateCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-validate-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_valid_file_is_summed_up_and_exits_with_0()
    {
        var file = Write("""
            people:
              alice: {contacts: [{channel: console}]}
              bob: {contacts: [{channel: hook}]}
            channels:
              hook: {kind: webhook, url: https://hooks.example.org, secret: env:HOOK_SECRET}
            escalation:
              default: {levels: [{targets: [alice]}, {targets: [bob]}]}
            """);

        var (exitCode, output) = Validate($"--config={file}");

        Assert.Equal($"{file} is valid: 2 people, 1 policy, 2 channels, 0 services, 0 tokens\n", output);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public void Each_problem_is_a_line_and_the_exit_code_is_1()
    {
        var file = Write("""
            cadence:
              nudge_evry: 10m
              remind_before: soon
            """);

        var (exitCode, output) = Validate($"--config={file}");

        Assert.Equal(
            $"""
            {file}:2:3: unknown key 'nudge_evry' under cadence. Did you mean 'nudge_every'?
            {file}:3:18: cadence.remind_before: 'soon' is no duration. Write it like 30s, 5m, 1h30m or 7d.
            2 problems

            """,
            output);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public void FirstUse_A_warning_is_a_line_too_and_the_exit_code_stays_0()
    {
        var file = Write("channels: {hook: {kind: webhook, url: 'https://hooks.example.org'}}");

        var (exitCode, output) = Validate($"--config={file}");

        Assert.Equal(
            $"""
            {file}:1:1: warning: channels.hook: nobody has a contact on this channel, so nothing is sent by it. Add it to a person: contacts: [{"{"}channel: hook{"}"}].
            {file} is valid, 1 warning: 1 person, 1 policy, 2 channels, 0 services, 0 tokens

            """,
            output);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public void FirstUse_Warnings_beside_problems_are_counted_apart_and_the_exit_code_is_1()
    {
        var file = Write($"""
            access:
              tokens: [{"{"}name: app, role: admin, sha256: '{new string('0', 64)}'{"}"}]
            intake: {"{"}keep_posts: soon{"}"}
            """);

        var (exitCode, output) = Validate($"--config={file}");

        Assert.EndsWith("1 problem, 1 warning\n", output, StringComparison.Ordinal);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public void One_problem_is_counted_in_the_singular()
    {
        var missing = Path.Combine(folder, "missing.yaml");

        var (exitCode, output) = Validate($"--config={missing}");

        Assert.Equal($"{missing}: there is no such file. Looked for it at {missing}; name another with --config.\n1 problem\n", output);
        Assert.Equal(1, exitCode);
    }

    /// <summary>Without the option it is the file that the program itself would use.</summary>
    [Fact]
    public void The_default_file_is_pipeline_yaml_in_the_working_directory()
    {
        var parsed = ValidateCommand.Create().Parse([]);

        Assert.Equal("pipeline.yaml", parsed.GetValue<string>("--config"));
    }

    private static (int ExitCode, string Output) Validate(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var command = ValidateCommand.Create(name => string.Equals(name, "HOOK_SECRET", StringComparison.Ordinal) ? "s3cret" : null);
        var exitCode = command.Parse(arguments).Invoke(new InvocationConfiguration { Output = output });
        return (exitCode, output.ToString());
    }

    private string Write(string text)
    {
        var file = Path.Combine(folder, "pipeline.yaml");
        File.WriteAllText(file, text);
        return file;
    }
}
