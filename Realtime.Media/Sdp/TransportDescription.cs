namespace Realtime.Media.Sdp;

/// <summary>a=setup: who opens the DTLS connection (RFC 4145 §4, RFC 8842).</summary>
public enum SetupRole
{
    None,
    Active,
    Passive,
    ActPass,
    HoldConn,
}

/// <summary>What a section says of its transport; attributes of the session stand in for those it lacks.</summary>
public sealed record TransportDescription
{
    /// <summary>Empty without one.</summary>
    public string IceUfrag { get; init; } = "";

    public string IcePwd { get; init; } = "";

    public IReadOnlyList<string> IceOptions { get; init; } = [];

    /// <summary>Only those with an algorithm we accept.</summary>
    public IReadOnlyList<Fingerprint> Fingerprints { get; init; } = [];

    public SetupRole Setup { get; init; }
}
