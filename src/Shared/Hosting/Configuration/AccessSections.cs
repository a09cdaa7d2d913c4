namespace Pipeline.Hosting.Configuration;

/// <summary>Reads <c>access</c> and <c>intake</c>.</summary>
internal static class AccessSections
{
    private const string HowToHash = "Make it with: printf %s \"$TOKEN\" | sha256sum";

    /// <summary>SHA-256 of no byte at all, and of a line's end alone: what the commands print where the variable isn't set.</summary>
    private static readonly string[] HashesOfNothing =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b",
    ];

    private static readonly DurationRange KeepPosts = new(TimeSpan.FromHours(1), TimeSpan.FromDays(3650));

    /// <summary>At least so much that a post of 32 MiB fits the three quarters that large ones may take.</summary>
    private static readonly ByteSizeRange MaxBytesInHand = new(48L << 20, 1L << 40);

    private static readonly DurationRange BodyTimeout = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));

    private static readonly Dictionary<string, AccessRole> Roles = new(StringComparer.Ordinal)
    {
        ["ingest"] = AccessRole.Ingest,
        ["viewer"] = AccessRole.Viewer,
        ["responder"] = AccessRole.Responder,
        ["admin"] = AccessRole.Admin,
    };

    public static AccessConfiguration ReadAccess(MappingCursor section)
    {
        var tokens = new List<AccessToken>();
        foreach (var item in section.Take("tokens")?.Items() ?? [])
        {
            if (item.Mapping() is { } token && ReadToken(token, tokens) is { } read)
            {
                tokens.Add(read);
            }
        }

        return new AccessConfiguration { Tokens = tokens };
    }

    public static IntakeConfiguration ReadIntake(MappingCursor section)
    {
        var defaults = new IntakeConfiguration();
        return new IntakeConfiguration
        {
            KeepPosts = section.Take("keep_posts")?.Duration(KeepPosts) ?? defaults.KeepPosts,
            MaxBytesInHand = section.Take("max_bytes_in_hand")?.ByteSize(MaxBytesInHand) ?? defaults.MaxBytesInHand,
            BodyTimeout = section.Take("body_timeout")?.Duration(BodyTimeout) ?? defaults.BodyTimeout,
            Alertmanagers = [.. (section.Take("alertmanagers")?.Items() ?? []).Select(ReadAlertmanager).OfType<AlertmanagerConfiguration>()],
        };
    }

    private static AlertmanagerConfiguration? ReadAlertmanager(ValueCursor item)
    {
        if (item.Mapping() is not { } alertmanager)
        {
            return null;
        }

        var url = alertmanager.Require("url", "Say where it is asked, like http://alertmanager:9093.")?.Url();
        var external = alertmanager.Take("external_url")?.Url();
        var token = alertmanager.Take("token");
        var username = alertmanager.Take("username")?.Text();
        var password = alertmanager.Take("password");
        if (token is not null && (username is not null || password is not null))
        {
            token.Fail("there is a username or password too", "Keep the token, or the username and password.");
        }
        else if ((username is null) != (password is null))
        {
            item.Fail("username and password belong together", "Write both, or neither.");
        }

        return url is null
            ? null
            : new AlertmanagerConfiguration(url) { ExternalUrl = external, Token = token?.Secret(), Username = username, Password = password?.Secret() };
    }

    private static AccessToken? ReadToken(MappingCursor token, List<AccessToken> others)
    {
        var name = token.Require("name", "Say who uses the token; it appears on timelines.")?.Text();
        var role = token.Require("role", $"One of {string.Join(", ", Roles.Keys)}.")?.Choice(Roles.Keys);
        var hash = token.Require("sha256", HowToHash) is { } value ? ReadHash(value, others) : null;
        return name is null || role is null || hash is null ? null : new AccessToken(name, Roles[role], hash);
    }

    /// <summary>What isn't a hash may be the token itself, so it is never repeated.</summary>
    private static string? ReadHash(ValueCursor value, List<AccessToken> others)
    {
        if (value.Text() is not { } text)
        {
            return null;
        }

        if (text.Length != 64 || !text.All(char.IsAsciiHexDigit))
        {
            value.Fail("a token's hash has 64 hex digits, this has not", HowToHash);
            return null;
        }

        var hash = text.ToLowerInvariant();
        if (HashesOfNothing.Contains(hash, StringComparer.Ordinal))
        {
            value.Fail("this is the hash of an empty token", $"The variable was not set when it was made. {HowToHash}");
        }
        else if (hash.Distinct().Count() == 1)
        {
            value.Warn("this is a placeholder; no token has this hash, so nobody can call with it", HowToHash);
        }

        if (others.Find(other => string.Equals(other.Sha256, hash, StringComparison.Ordinal)) is { } other)
        {
            value.Fail($"this is the token of {Spelling.Quote(other.Name)} too", "Give each caller a token of its own.");
        }

        return hash;
    }
}
