namespace Realtime.Media.Sdp;

/// <summary>An answer as a plain model; <see cref="AnswerWriter"/> makes the text.</summary>
public sealed record Answer
{
    /// <summary>Of the o= line: one per session, positive; versions rise with each answer (RFC 9429 §5.3.1).</summary>
    public required long SessionId { get; init; }

    public required long SessionVersion { get; init; }

    public required AnswerTransport Transport { get; init; }

    /// <summary>Echoes extmap-allow-mixed; only when it was offered.</summary>
    public bool AllowsMixedExtensions { get; init; }

    /// <summary>One per offered section, in its order.</summary>
    public required IReadOnlyList<AnswerSection> Sections { get; init; }
}

/// <summary>The server's end: ICE-lite, DTLS server.</summary>
/// <param name="Candidates">What follows <c>a=candidate:</c>, all there will ever be.</param>
public sealed record AnswerTransport(string IceUfrag, string IcePwd, Fingerprint Fingerprint, IReadOnlyList<string> Candidates);

/// <summary>The answer to one offered section.</summary>
public sealed record AnswerSection
{
    public required MediaDescription Offered { get; init; }

    /// <summary>Answered with port 0.</summary>
    public bool IsRejected { get; init; }

    /// <summary>As the server says it: <see cref="MediaDirection.RecvOnly"/> where the client publishes.</summary>
    public MediaDirection Direction { get; init; }

    public IReadOnlyList<Codec> Codecs { get; init; } = [];

    public IReadOnlyList<ExtensionMapping> Extensions { get; init; } = [];

    /// <summary>Encodings of a simulcast that the server receives, in the order of the offer; empty for a single stream.</summary>
    public IReadOnlyList<string> Rids { get; init; } = [];

    /// <summary>Where the server sends.</summary>
    public Msid? Msid { get; init; }

    public IReadOnlyList<SsrcDescription> Ssrcs { get; init; } = [];

    public IReadOnlyList<SsrcGroup> SsrcGroups { get; init; } = [];

    public static AnswerSection Reject(MediaDescription offered) => new() { Offered = offered, IsRejected = true };
}
