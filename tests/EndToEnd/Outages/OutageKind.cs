namespace Pipeline.EndToEnd.Outages;

/// <summary>The ways in which a far end is away.</summary>
public enum OutageKind
{
    /// <summary>Nobody listens.</summary>
    Refused,

    /// <summary>It answers 500.</summary>
    Broken,

    /// <summary>It answers 429 and asks for some seconds.</summary>
    Busy,

    /// <summary>It takes the request and never answers.</summary>
    Silent,

    /// <summary>Its answer never ends.</summary>
    EndlessBody,

    /// <summary>It speaks no TLS where TLS is due.</summary>
    TlsFailure,

    /// <summary>It takes the connection and never shakes hands.</summary>
    TlsSilence,
}
