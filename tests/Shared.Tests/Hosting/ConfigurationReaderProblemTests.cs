using Pipeline.Hosting.Configuration;
using Xunit;

namespace Pipeline.Shared.Tests.Hosting;

/// <summary>What people get wrong, and what they are told: the place, what is wrong, what to do.</summary>
public sealed class ConfigurationReaderProblemTests
{
    private const string Hash = "1f0b6d4b0b1b7a2a9f3b8f8f4ad9d4f3f3a0a6a4f54c8f1f9a87b6c5d4e3f201";
    private const string Alice = "people: {alice: {contacts: [{channel: console}]}}\n";
    private const string DefaultPolicy = "escalation: {default: {levels: [{targets: [alice]}]}}\n";
    private const string HowDurations = "Write it like 30s, 5m, 1h30m or 7d.";
    private const string HowToHash = "Make it with: printf %s \"$TOKEN\" | sha256sum";
    private const string HowWebAddresses = "Write it like https://example.org/path; only http and https are possible.";
    private const string HowTimeZones = "Use an IANA name such as 'Europe/Berlin' or 'UTC'; a minimal container may lack the package tzdata";
    private const string HowNames = "Use up to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit.";

    public static TheoryData<string, string> Keys => new()
    {
        // A letter left out, deep in the tree.
        { "people: {alice: {contacts: [{channel: console}]}}\nescalation:\n  default:\n    levels:\n      - targets: [alice]\n        timout: 5m", "6:9: unknown key 'timout' under escalation.default.levels[0]. Did you mean 'timeout'?" },
        // A section misspelt.
        { "cadance:\n  nudge_every: 10m", "1:1: unknown key 'cadance' at the top level. Did you mean 'cadence'?" },
        // Camel case instead of snake case.
        { "correlation:\n  staleAfter: 5h", "2:3: unknown key 'staleAfter' under correlation. Did you mean 'stale_after'?" },
        // Two letters swapped.
        { "reports:\n  weekly:\n    corn: 0 9 * * 1", "3:5: unknown key 'corn' under reports.weekly. Did you mean 'cron'?" },
        // A key that exists elsewhere: the indentation slipped.
        { "nudge_every: 10m", "1:1: unknown key 'nudge_every' at the top level. It belongs under cadence; check the indentation." },
        // A section inside another.
        { "intake:\n  people: {}", "2:3: unknown key 'people' under intake. It belongs under the top level; check the indentation." },
        // Nothing like it anywhere.
        { "intake:\n  zebra: 1", "2:3: unknown key 'zebra' under intake. Known here: keep_posts, max_bytes_in_hand, body_timeout, alertmanagers." },
        // The same key again, which YAML readers often take silently.
        { "cadence:\n  nudge_every: 10m\n  remind_before: 5m\n  nudge_every: 20m", "4:3: duplicate key 'nudge_every' under cadence. It is on line 2 already; keep one of them." },
        // A whole section again.
        { "intake: {}\nintake: {}", "2:1: duplicate key 'intake' at the top level. It is on line 1 already; keep one of them." },
        // YAML's merge key is no key of ours.
        { "intake:\n  <<: {keep_posts: 1d}", "2:3: unknown key '<<' under intake. Known here: keep_posts, max_bytes_in_hand, body_timeout, alertmanagers." },
        // A key that is a list.
        { "intake:\n  [a, b]: c", "2:3: a key must be a plain value, found a list" },
    };

    public static TheoryData<string, string> Values => new()
    {
        // Words instead of units.
        { "intake:\n  keep_posts: 30 days", "2:15: intake.keep_posts: '30 days' is no duration. " + HowDurations },
        // Bytes: a unit of which nobody knows how many it is, none, a fraction; less than one large post needs; more than any machine has.
        { "intake: {max_bytes_in_hand: 96MB}", "1:29: intake.max_bytes_in_hand: '96MB' is no number of bytes. Write it like 512KiB, 96MiB or 1GiB." },
        { "intake: {max_bytes_in_hand: 100000000}", "1:29: intake.max_bytes_in_hand: '100000000' is no number of bytes. Write it like 512KiB, 96MiB or 1GiB." },
        { "intake: {max_bytes_in_hand: 0.5GiB}", "1:29: intake.max_bytes_in_hand: '0.5GiB' is no number of bytes. Write it like 512KiB, 96MiB or 1GiB." },
        { "intake: {max_bytes_in_hand: 47MiB}", "1:29: intake.max_bytes_in_hand: '47MiB' is too little. It must be from 48MiB to 1TiB." },
        { "intake: {max_bytes_in_hand: 2TiB}", "1:29: intake.max_bytes_in_hand: '2TiB' is too much. It must be from 48MiB to 1TiB." },
        { "intake: {body_timeout: 900ms}", "1:24: intake.body_timeout: '900ms' is too short. It must be from 1s to 10m." },
        // No unit: seconds or minutes? Refused.
        { "cadence: {nudge_every: 10}", "1:24: cadence.nudge_every: '10' is no duration. " + HowDurations },
        // Units in the wrong order.
        { "cadence: {nudge_every: 30m1h}", "1:24: cadence.nudge_every: '30m1h' is no duration. " + HowDurations },
        // The same unit twice.
        { "cadence: {nudge_every: 1m1m}", "1:24: cadence.nudge_every: '1m1m' is no duration. " + HowDurations },
        // More than a number can hold.
        { "cadence: {nudge_every: 99999999999999999999d}", "1:24: cadence.nudge_every: '99999999999999999999d' is no duration. " + HowDurations },
        // More than a time span can hold.
        { "cadence: {nudge_every: 99999999y}", "1:24: cadence.nudge_every: '99999999y' is no duration. " + HowDurations },
        // Negative.
        { "correlation: {cooldown: -5m}", "1:25: correlation.cooldown: '-5m' is negative. " + HowDurations },
        // Zero where it would never stop.
        { "cadence: {nudge_every: 0s}", "1:24: cadence.nudge_every: '0s' is too short. It must be from 100ms to 30d." },
        // Far too long.
        { "correlation: {reopen_window: 1y}", "1:30: correlation.reopen_window: '1y' is too long. It must be from 0s to 30d." },
        // Shorter than alerts are repeated.
        { "correlation: {stale_after: 30s}", "1:28: correlation.stale_after: '30s' is too short. It must be from 1m to 30d." },
        // A word of the trade instead of a severity.
        { "severity: {default: critical}", "1:21: severity.default: 'critical' is no severity. Did you mean 'SEV-1'?" },
        // A severity that doesn't exist.
        { "severity: {default: SEV-5}", "1:21: severity.default: 'SEV-5' is no severity. Write SEV-1, SEV-2, SEV-3 or SEV-4." },
        // The same as a key.
        { "cadence:\n  every:\n    SEV-0: 1h", "3:5: cadence.every: 'SEV-0' is no severity. Write SEV-1, SEV-2, SEV-3 or SEV-4." },
        // One severity in two spellings.
        { "cadence:\n  every:\n    SEV-1: 1h\n    sev1: 2h", "4:5: cadence.every: SEV-1 is there twice. Keep one of them." },
        // In a list twice.
        { "postmortem: {severities: [SEV-1, sev1]}", "1:34: postmortem.severities[1]: 'SEV-1' is there twice" },
        // A path base that is an address, that has no slash before it, that climbs, or that has a query.
        { "server: {path_base: 'https://example.org/x'}", "1:21: server.path_base: 'https://example.org/x' is not the path of an address. Leave out the scheme and the host; they belong under reports.base_url." },
        { "server: {path_base: pipeline}", "1:21: server.path_base: 'pipeline' is not the path of an address. Write it like /pipeline, with letters, digits, '.', '_', '~' and '-'." },
        { "server: {path_base: /a/../b}", "1:21: server.path_base: '/a/../b' is not the path of an address. Write it like /pipeline, with letters, digits, '.', '_', '~' and '-'." },
        { "server: {path_base: '/a?b'}", "1:21: server.path_base: '/a?b' is not the path of an address. Write it like /pipeline, with letters, digits, '.', '_', '~' and '-'." },
        // A rule set that doesn't exist.
        { "severity: {rules: comander}", "1:19: severity.rules: 'comander' is not one of reference, commander, none. Did you mean 'commander'?" },
        // A severity's own name as a word.
        { "severity:\n  words:\n    sev1: SEV-2", "3:5: severity.words.sev1: 'sev1' always means SEV-1. Remove the line." },
        // Words differ in more than case.
        { "severity:\n  words:\n    Boom: SEV-1\n    bo-om: SEV-2", "4:5: severity.words.bo-om: 'bo-om' is there twice; case, spaces and punctuation are the same. Keep one of them." },
        // No correlation at all.
        { "correlation: {by: []}", "1:15: correlation.by: the list is empty. Name at least one label, or every alert joins one incident." },
        // One value where a list is needed.
        { "correlation: {by: service}", "1:19: correlation.by: expected a list, found a plain value. Write [service]." },
        // A list where one value is needed.
        { "severity: {rules: [none]}", "1:12: severity.rules: expected a plain value, found a list" },
        // A value where keys are needed.
        { "cadence: often", "1:10: cadence: expected keys with values, found a plain value. Indent the keys below it, each as 'key: value'." },
        // Empty in quotes, which is not the same as absent.
        { "correlation: {default_environment: ''}", "1:36: correlation.default_environment: the value is empty" },
        // Steps out of order, judged against a default.
        { "postmortem: {draft: 5d}", "1:21: postmortem.draft: this would be due after 'review' (3d). All four count from the resolve; put them in order." },
        // Steps out of order among each other.
        { "postmortem: {actions: 60d, follow_up: 4w}", "1:39: postmortem.follow_up: this would be due before 'actions' (60d). All four count from the resolve; put them in order." },
        // A day that doesn't exist.
        { "reports: {weekly: {cron: 0 9 30 2 *}}", "1:26: reports.weekly.cron: '0 9 30 2 *' names a date that never comes. Check its day of month against its month" },
        // A time zone misspelt.
        { "reports: {weekly: {time_zone: Europe/Berln}}", "1:31: reports.weekly.time_zone: 'Europe/Berln' is no time zone that this machine knows. " + HowTimeZones + ". Did you mean 'Europe/Berlin'?" },
        // A time zone that isn't one.
        { "reports: {weekly: {time_zone: our office}}", "1:31: reports.weekly.time_zone: 'our office' is no time zone that this machine knows. " + HowTimeZones },
        // An address without a scheme.
        { "reports: {base_url: incidents.example.org}", "1:21: reports.base_url: 'incidents.example.org' is no web address. " + HowWebAddresses },
        // A scheme that must never be followed.
        { "reports: {base_url: 'file:///etc/passwd'}", "1:21: reports.base_url: 'file:///…' is no web address. " + HowWebAddresses },
    };

    public static TheoryData<string, string> PeopleAndPolicies => new()
    {
        // Nobody can reach her.
        { "people:\n  alice: {name: Alice}\n" + DefaultPolicy, "2:3: people.alice: 'contacts' is missing. Add at least: contacts: [{channel: console}]" },
        // Nothing at all after the name.
        { "people:\n  alice:\n" + DefaultPolicy, "2:3: people.alice: 'contacts' is missing. Add at least: contacts: [{channel: console}]" },
        // An empty list reaches nobody either.
        { "people:\n  alice: {contacts: []}\n" + DefaultPolicy, "2:11: people.alice.contacts: the list is empty. Add at least: contacts: [{channel: console}]" },
        // A contact without a channel.
        { "people:\n  alice: {contacts: [{address: a}]}\n" + DefaultPolicy, "2:22: people.alice.contacts[0]: 'channel' is missing. Name a channel under 'channels', or 'console'." },
        // A channel misspelt.
        { "people:\n  alice: {contacts: [{channel: consol}]}\n" + DefaultPolicy, "2:32: people.alice.contacts[0].channel: there is no channel 'consol'. Did you mean 'console'?" },
        // A channel that was never written.
        { "people:\n  alice: {contacts: [{channel: pager}]}\n" + DefaultPolicy, "2:32: people.alice.contacts[0].channel: there is no channel 'pager'. Add it under 'channels', or use 'console'." },
        // An id with a blank can't be part of a key.
        { "people:\n  alice smith: {contacts: [{channel: console}]}\nescalation: {default: {levels: [{targets: [alice smith]}]}}", "2:3: people.alice smith: 'alice smith' can't be a person's id. " + HowNames },
        // People, but nobody would be paged.
        { Alice, "1:1: there are people but no escalation policy 'default', so nobody would be paged for a service without a policy of its own. Write: escalation: {default: {levels: [{name: primary, targets: [alice], timeout: 5m}]}}" },
        // A target misspelt.
        { Alice + "escalation: {default: {levels: [{targets: [alcie]}]}}", "2:44: escalation.default.levels[0].targets[0]: there is no person 'alcie'. Did you mean 'alice'?" },
        // The console isn't a person where people are.
        { Alice + "escalation: {default: {levels: [{targets: [console]}]}}", "2:44: escalation.default.levels[0].targets[0]: there is no person 'console'. Add it under 'people'." },
        // The same person twice in a level.
        { Alice + "escalation: {default: {levels: [{targets: [alice, alice]}]}}", "2:51: escalation.default.levels[0].targets[1]: 'alice' is there twice" },
        // A policy without levels.
        { Alice + "escalation:\n  default: {repeat: 2}", "3:3: escalation.default: 'levels' is missing. Add at least: levels: [{targets: [alice], timeout: 5m}], with an id under 'people'." },
        // No levels in the list.
        { Alice + "escalation:\n  default: {levels: []}", "3:13: escalation.default.levels: the list is empty. Add at least: levels: [{targets: [alice], timeout: 5m}], with an id under 'people'." },
        // A level that pages nobody would only lose time.
        { Alice + "escalation: {default: {levels: [{timeout: 5m}]}}", "2:33: escalation.default.levels[0]: 'targets' is missing. Name at least one id under 'people'." },
        // The same, written as an empty list.
        { Alice + "escalation: {default: {levels: [{targets: []}]}}", "2:34: escalation.default.levels[0].targets: the list is empty. Name at least one id under 'people'." },
        // A level of no duration.
        { Alice + "escalation: {default: {levels: [{targets: [alice], timeout: 0s}]}}", "2:61: escalation.default.levels[0].timeout: '0s' is too short. It must be from 100ms to 30d." },
        // Repeating without end.
        { Alice + "escalation: {default: {levels: [{targets: [alice]}], repeat: 1000}}", "2:62: escalation.default.repeat: expected a whole number from 0 to 20, found '1000'" },
        // Half a repetition.
        { Alice + "escalation: {default: {levels: [{targets: [alice]}], repeat: 1.5}}", "2:62: escalation.default.repeat: expected a whole number from 0 to 20, found '1.5'" },
        // A service's policy misspelt.
        { Alice + DefaultPolicy + "services: {checkout: {escalation: defualt}}", "3:35: services.checkout.escalation: there is no escalation policy 'defualt'. Did you mean 'default'?" },
        // A service's policy that was never written.
        { Alice + DefaultPolicy + "services: {checkout: {escalation: payments}}", "3:35: services.checkout.escalation: there is no escalation policy 'payments'. Add it under 'escalation'." },
        // An owner who left.
        { Alice + DefaultPolicy + "services: {checkout: {owner: zoe}}", "3:30: services.checkout.owner: there is no person 'zoe'. Add it under 'people'." },
        // A runbook that is a path.
        { Alice + DefaultPolicy + "services: {checkout: {runbook: docs/checkout.md}}", "3:32: services.checkout.runbook: 'docs/…' is no web address. " + HowWebAddresses },
        // A stakeholder who isn't there.
        { Alice + DefaultPolicy + "cadence: {stakeholders: [alice, alicia]}", "3:33: cadence.stakeholders[1]: there is no person 'alicia'. Did you mean 'alice'?" },
        // An owner of postmortems who isn't there.
        { Alice + DefaultPolicy + "postmortem: {owner: team}", "3:21: postmortem.owner: there is no person 'team'. Add it under 'people'." },
    };

    public static TheoryData<string, string> ChannelsAndSecrets => new()
    {
        // A webhook to nowhere.
        { "channels:\n  hook: {kind: webhook}", "2:3: channels.hook: a webhook needs a 'url'. Add the address that it posts to." },
        // No kind.
        { "channels:\n  hook: {url: 'https://example.org'}", "2:3: channels.hook: 'kind' is missing. One of console, webhook." },
        // A kind misspelt.
        { "channels: {hook: {kind: webhok, url: 'https://example.org'}}", "1:25: channels.hook.kind: 'webhok' is not one of console, webhook. Did you mean 'webhook'?" },
        // A console that posts.
        { "channels: {log: {kind: console, url: 'https://example.org'}}", "1:38: channels.log.url: the console takes no url. Remove it, or write kind: webhook." },
        // The built-in channel taken over.
        { "channels:\n  console: {kind: webhook, url: 'https://example.org'}", "2:3: channels.console: the channel 'console' is the program's own output. Give the webhook another name." },
        // A scheme that isn't the web's.
        { "channels: {hook: {kind: webhook, url: 'ftp://example.org'}}", "1:39: channels.hook.url: 'ftp://example.org' is no web address. " + HowWebAddresses },
        // A password in the address: not repeated.
        { "channels: {hook: {kind: webhook, url: 'https://me:hunter2@example.org'}}", "1:39: channels.hook.url: the address carries a user name or password. Leave it out; a webhook is authenticated by its 'secret'." },
        // R14: a webhook's path is its secret, also in an address that lacks something.
        { "channels: {hook: {kind: webhook, url: 'hooks.example.org/T0A1/s3cret'}}", "1:39: channels.hook.url: 'hooks.example.org/…' is no web address. " + HowWebAddresses },
        { "channels: {hook: {kind: webhook, url: 'htps://hooks.example.org?key=s3cret'}}", "1:39: channels.hook.url: 'htps://hooks.example.org?…' is no web address. " + HowWebAddresses },
        // The same in an address that can't be read at all.
        { "channels: {hook: {kind: webhook, url: 'me:hunter2@example.org'}}", "1:39: channels.hook.url: this is no web address. " + HowWebAddresses },
        // A secret in the clear: not repeated.
        { "channels: {hook: {kind: webhook, url: 'https://example.org', secret: hunter2}}", "1:70: channels.hook.secret: a secret must not stand in the file. Put it into an environment variable and write env:NAME, for example env:HOOK_SECRET." },
        // A secret after 'env:': not repeated either.
        { "channels: {hook: {kind: webhook, url: 'https://example.org', secret: 'env:hunter2!'}}", "1:70: channels.hook.secret: a secret must not stand in the file. Put it into an environment variable and write env:NAME, for example env:HOOK_SECRET." },
        // A variable that isn't set.
        { "channels: {hook: {kind: webhook, url: 'https://example.org', secret: env:NOT_SET}}", "1:70: channels.hook.secret: the environment variable NOT_SET is not set. Set it where the program starts." },
        // A variable that is set to nothing is as good as not set.
        { "channels: {hook: {kind: webhook, url: 'https://example.org', secret: env:EMPTY}}", "1:70: channels.hook.secret: the environment variable EMPTY is not set. Set it where the program starts." },
        // Longer than any far end should take.
        { "channels: {hook: {kind: webhook, url: 'https://example.org', timeout: 1h}}", "1:71: channels.hook.timeout: '1h' is too long. It must be from 100ms to 5m." },
        // The token where its hash should be: not repeated.
        { "access: {tokens: [{name: am, role: ingest, sha256: hunter2}]}", "1:52: access.tokens[0].sha256: a token's hash has 64 hex digits, this has not. " + HowToHash },
        // The right length, but not hex.
        { "access: {tokens: [{name: am, role: ingest, sha256: z" + Hash[1..] + "}]}", "1:52: access.tokens[0].sha256: a token's hash has 64 hex digits, this has not. " + HowToHash },
        // A role misspelt.
        { "access: {tokens: [{name: am, role: respnder, sha256: " + Hash + "}]}", "1:36: access.tokens[0].role: 'respnder' is not one of ingest, viewer, responder, admin. Did you mean 'responder'?" },
        // Nobody's token.
        { "access: {tokens: [{role: ingest, sha256: " + Hash + "}]}", "1:19: access.tokens[0]: 'name' is missing. Say who uses the token; it appears on timelines." },
        // One token, two roles.
        { "access:\n  tokens:\n    - {name: am, role: ingest, sha256: " + Hash + "}\n    - {name: bob, role: admin, sha256: " + Hash + "}", "4:40: access.tokens[1].sha256: this is the token of 'am' too. Give each caller a token of its own." },
    };

    public static TheoryData<string, string> Syntax => new()
    {
        // An alias could unfold a small file into a huge one.
        { "intake: &a {}\ncadence: *a", "1:9: the anchor &a is not supported. Write the value out where it is needed.\nfile.yaml:2:10: the alias *a is not supported. Write the value out where it is needed." },
        // A tag could name a type.
        { "intake: !!map {}", "1:9: the tag tag:yaml.org,2002:map is not supported. Write the value without it." },
        // A second document would be overlooked.
        { "intake: {}\n---\ncadence: {}", "2:1: a second YAML document begins here; the configuration is a single one. Remove the line '---'." },
        // A tab, which YAML's indentation can't have.
        { "intake:\n\tkeep_posts: 1d", "2:1: this line is indented with a tab. YAML takes blanks only." },
        // A bracket never closed: found out behind the end, told where the text ends.
        { "people: [alice\nchannels: {}", "2:1: this is no valid YAML. Check that every [, { and quote before it is closed, and its indentation." },
        { "intake: {keep_posts: 1d\n\n", "1:23: this is no valid YAML: While parsing a flow mapping, did not find expected ',' or '}'" },
        // A quote never closed: told where it begins.
        { "a: 'unfinished\nb: 1\n", "1:4: this is no valid YAML: While scanning a quoted scalar, found unexpected end of stream" },
        // A value and keys for one key.
        { "intake: ok\n  keep_posts: 1d", "2:13: this is no valid YAML: While scanning a plain scalar value, found invalid mapping" },
        // No sections at all.
        { "- intake", "1:1: expected keys with values, found a list. Begin with a section such as 'people:'." },
        // Control characters of a file don't reach the terminal, neither as a key nor as a part of the path.
        { "intake:\n  \"a\\e[31m\": 1", "2:3: unknown key 'a\uFFFD[31m' under intake. Known here: keep_posts, max_bytes_in_hand, body_timeout, alertmanagers." },
        { "services: {\"a\\u202E\": {zebra: 1}}", "1:24: unknown key 'zebra' under services.a\uFFFD. Known here: owner, escalation, runbook." },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    [MemberData(nameof(Values))]
    [MemberData(nameof(PeopleAndPolicies))]
    [MemberData(nameof(ChannelsAndSecrets))]
    [MemberData(nameof(Syntax))]
    public void The_problem_says_where_and_what_and_what_to_do(string yaml, string expected)
    {
        var result = Read(yaml);

        Assert.Equal($"file.yaml:{expected}", string.Join('\n', result.Problems));
        Assert.Null(result.Configuration);
    }

    /// <summary>A field missing; an hour that doesn't exist. Between place and advice stand the words of the cron library.</summary>
    [Theory]
    [InlineData("0 9 * *")]
    [InlineData("0 25 * * 1")]
    public void A_schedule_that_cannot_be_read_is_told_with_what_to_write(string cron)
    {
        var problem = Assert.Single(Read($"reports: {{weekly: {{cron: {cron}}}}}").Problems).ToString();

        Assert.StartsWith($"file.yaml:1:26: reports.weekly.cron: '{cron}' is no cron expression: ", problem, StringComparison.Ordinal);
        Assert.EndsWith(
            "Write five fields: minute, hour, day of month, month, day of week (0 or SUN is Sunday); '0 9 * * 1' is Mondays at 9:00",
            problem,
            StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_at_once_in_the_order_of_the_file()
    {
        var result = Read("""
            reports: {base_url: nowhere}
            people:
              alice: {}
            cadence: {stakeholders: [bob]}
            zebra: 1
            """);

        Assert.Equal([1, 2, 3, 4, 5], result.Problems.Select(problem => problem.Line));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    public void Deep_nesting_is_refused_early(string opening)
    {
        var problem = Assert.Single(Read(string.Concat(Enumerable.Repeat(opening, 100_000))).Problems);

        Assert.Equal("nested deeper than 32 levels", problem.Message);
    }

    private static ConfigurationResult Read(string yaml) =>
        ConfigurationReader.ReadText(yaml, "file.yaml", name => string.Equals(name, "EMPTY", StringComparison.Ordinal) ? "" : null);
}
