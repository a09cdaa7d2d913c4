using System.Text;

namespace Pipeline.Hosting.Configuration;

/// <summary>Reads <c>pipeline.yaml</c>. Either everything in it is right, or every problem is told at once with its line.</summary>
public static class ConfigurationReader
{
    /// <summary>Far beyond any real configuration; keeps a wrong file from being read into memory.</summary>
    public const int MaximumBytes = 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="path">As the user named it; problems repeat it.</param>
    /// <param name="environment">Name of a variable to its value; <see cref="Environment.GetEnvironmentVariable(string)"/> in a host.</param>
    public static ConfigurationResult ReadFile(string path, Func<string, string?> environment)
    {
        byte[] bytes;
        try
        {
            if (Directory.Exists(path))
            {
                return Refused(path, "this is a directory", "Name the file in it.");
            }

            using var file = File.OpenRead(path);
            bytes = ReadUpToLimit(file);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Refused(path, "there is no such file", $"Looked for it at {Path.GetFullPath(path)}; name another with --config.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Refused(path, $"it can't be read: {exception.Message.TrimEnd('.')}", "Check the file's permissions.");
        }

        if (bytes.Length > MaximumBytes)
        {
            return Refused(path, "it is larger than 1 MiB", "Check that it is the right file.");
        }

        try
        {
            return ReadText(StrictUtf8.GetString(bytes), path, environment);
        }
        catch (DecoderFallbackException exception)
        {
            var line = 1 + bytes.AsSpan(0, exception.Index).Count((byte)'\n');
            return new ConfigurationResult(null, [new(path, line, 1, "this line is not UTF-8", "Save the file as UTF-8.")], []);
        }
    }

    /// <param name="name">What problems call the text.</param>
    /// <param name="environment">Name of a variable to its value.</param>
    public static ConfigurationResult ReadText(string text, string name, Func<string, string?> environment)
    {
        var context = new ReadingContext(name, environment);
        var configuration = Read(context, text);
        return new ConfigurationResult(context.Problems.Count == 0 ? configuration : null, context.Problems, context.Warnings);
    }

    /// <summary>Null only when the text can't be read as YAML; otherwise the context says whether it can be used.</summary>
    internal static PipelineConfiguration? Read(ReadingContext context, string text)
    {
        if (YamlTreeReader.Read(context, text.TrimStart('\uFEFF')) is not { } tree)
        {
            return null;
        }

        var root = new MappingCursor(context, tree, tree, "", "");
        var configuration = new PipelineConfiguration
        {
            Server = ServerSection.Read(root.Section("server")),
            Access = AccessSections.ReadAccess(root.Section("access")),
            Intake = AccessSections.ReadIntake(root.Section("intake")),
            Correlation = TriageSections.ReadCorrelation(root.Section("correlation")),
            Severity = TriageSections.ReadSeverity(root.Section("severity")),
            People = PeopleSections.ReadPeople(root.Section("people")),
            Channels = PeopleSections.ReadChannels(root.Section("channels")),
            Escalation = EscalationSection.Read(root.Section("escalation")),
            Services = PeopleSections.ReadServices(root.Section("services")),
            Cadence = FollowUpSections.ReadCadence(root.Section("cadence")),
            Postmortem = FollowUpSections.ReadPostmortem(root.Section("postmortem")),
            Reports = FollowUpSections.ReadReports(root.Section("reports")),
        };
        context.ReportUnknownKeys();
        configuration = AddBuiltIns(context, root, configuration);
        context.ReportDanglingReferences(new Dictionary<ReferenceKind, IReadOnlyCollection<string>>
        {
            [ReferenceKind.Person] = [.. configuration.People.Keys],
            [ReferenceKind.Channel] = [.. configuration.Channels.Keys],
            [ReferenceKind.Policy] = [.. configuration.Escalation.Keys],
        });
        if (context.Problems.Count == 0)
        {
            ConfigurationDoubts.Report(context, root, configuration);
        }

        return configuration;
    }

    /// <summary>Nobody configured: the console is paged. Somebody, but no default policy: only the user can know the order.</summary>
    private static PipelineConfiguration AddBuiltIns(ReadingContext context, MappingCursor root, PipelineConfiguration configuration)
    {
        if (configuration.People.Count == 0)
        {
            var policies = new Dictionary<string, EscalationPolicyConfiguration>(PipelineConfiguration.BuiltIn.Escalation, StringComparer.Ordinal);
            foreach (var (name, policy) in configuration.Escalation)
            {
                policies[name] = policy;
            }

            return configuration with { People = PipelineConfiguration.BuiltIn.People, Escalation = policies };
        }

        if (!configuration.Escalation.ContainsKey(PipelineConfiguration.DefaultPolicy))
        {
            context.Report(
                root.PlaceOf("people"),
                "there are people but no escalation policy 'default', so nobody would be paged for a service without a policy of its own",
                EscalationSection.SuggestDefault(configuration.People.Keys));
        }

        return configuration;
    }

    private static byte[] ReadUpToLimit(Stream file)
    {
        var buffer = new byte[MaximumBytes + 1];
        var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return buffer[..length];
    }

    private static ConfigurationResult Refused(string path, string message, string suggestion) =>
        new(null, [new(path, 0, 0, message, suggestion)], []);
}
