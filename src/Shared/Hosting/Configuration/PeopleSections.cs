namespace Pipeline.Hosting.Configuration;

/// <summary>Reads <c>people</c>, <c>channels</c> and <c>services</c>.</summary>
internal static class PeopleSections
{
    /// <summary>An attempt longer than that would hold up the next ones to the same far end.</summary>
    private static readonly DurationRange ChannelTimeout = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));

    private static readonly Dictionary<string, ChannelKind> Kinds = new(StringComparer.Ordinal)
    {
        ["console"] = ChannelKind.Console,
        ["webhook"] = ChannelKind.Webhook,
    };

    public static Dictionary<string, Person> ReadPeople(MappingCursor section)
    {
        var people = new Dictionary<string, Person>(StringComparer.Ordinal);
        foreach (var (id, value) in section.Named("<id>"))
        {
            Names.Check(id, value, "a person's id");
            if (value.MappingOrNothing() is { } person)
            {
                people[id.Text] = new Person(id.Text, person.Take("name")?.Text() ?? id.Text, ReadContacts(person));
            }
        }

        return people;
    }

    /// <summary>The channels of the file and <c>console</c>, which always exists.</summary>
    public static Dictionary<string, ChannelConfiguration> ReadChannels(MappingCursor section)
    {
        var channels = new Dictionary<string, ChannelConfiguration>(PipelineConfiguration.BuiltIn.Channels, StringComparer.Ordinal);
        foreach (var (name, value) in section.Named("<name>"))
        {
            Names.Check(name, value, "a channel's name");
            if (value.MappingOrNothing() is { } channel)
            {
                channels[name.Text] = ReadChannel(name, channel, value);
            }
        }

        return channels;
    }

    public static Dictionary<string, ServiceConfiguration> ReadServices(MappingCursor section)
    {
        var services = new Dictionary<string, ServiceConfiguration>(StringComparer.Ordinal);
        foreach (var (name, value) in section.Named("<name>"))
        {
            if (value.MappingOrNothing() is { } service)
            {
                services[name.Text] = new ServiceConfiguration(name.Text)
                {
                    Owner = service.Take("owner")?.Reference(ReferenceKind.Person),
                    Escalation = service.Take("escalation")?.Reference(ReferenceKind.Policy),
                    Runbook = service.Take("runbook")?.Url()?.OriginalString,
                };
            }
        }

        return services;
    }

    private static List<ContactMethod> ReadContacts(MappingCursor person)
    {
        var contacts = new List<ContactMethod>();
        const string suggestion = "Add at least: contacts: [{channel: console}]";
        foreach (var item in person.Require("contacts", suggestion)?.SomeItems(suggestion) ?? [])
        {
            if (item.Mapping() is { } contact)
            {
                var channel = contact.Require("channel", "Name a channel under 'channels', or 'console'.")?.Reference(ReferenceKind.Channel);
                var address = contact.Take("address")?.Text();
                contacts.Add(new ContactMethod(channel ?? "", address));
            }
        }

        return contacts;
    }

    private static ChannelConfiguration ReadChannel(ScalarNode name, MappingCursor channel, ValueCursor value)
    {
        var kindText = channel.Require("kind", $"One of {string.Join(", ", Kinds.Keys)}.")?.Choice(Kinds.Keys);
        var url = channel.Take("url");
        var secret = channel.Take("secret");
        var timeout = channel.Take("timeout")?.Duration(ChannelTimeout);
        var address = url?.Url();
        var reference = secret?.Secret();
        ChannelKind? kind = kindText is null ? null : Kinds[kindText];
        if (kind == ChannelKind.Webhook && url is null)
        {
            value.Fail("a webhook needs a 'url'", "Add the address that it posts to.");
        }

        if (kind == ChannelKind.Console)
        {
            url?.Fail("the console takes no url", "Remove it, or write kind: webhook.");
            secret?.Fail("the console takes no secret", "Remove it, or write kind: webhook.");
        }

        if (kind == ChannelKind.Webhook && string.Equals(name.Text, PipelineConfiguration.Console, StringComparison.Ordinal))
        {
            value.Fail("the channel 'console' is the program's own output", "Give the webhook another name.");
        }

        // One without a kind is kept, so that those who name it aren't told that it is missing. A file with a problem is never used.
        return new ChannelConfiguration(name.Text, kind ?? ChannelKind.Webhook, address, reference, timeout);
    }
}
