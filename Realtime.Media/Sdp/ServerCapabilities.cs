namespace Realtime.Media.Sdp;

/// <summary>A codec this server forwards.</summary>
public sealed record CodecCapability(SectionKind Kind, string Name, int ClockRate, int Channels = 1)
{
    /// <summary>rtcp-fb we act upon; answered when offered.</summary>
    public IReadOnlyList<string> Feedback { get; init; } = [];

    /// <summary>Format parameters that must have this value in the offer, for codecs whose name alone does not tell profiles apart.</summary>
    public IReadOnlyDictionary<string, string> Required { get; init; } = new Dictionary<string, string>();

    /// <summary>Format parameters echoed as offered, besides the required ones.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];
}

/// <summary>What the server answers with, in its order of preference.</summary>
public sealed record ServerCapabilities
{
    /// <summary>Opus and VP8, key frames by PLI and FIR; no retransmission, no congestion feedback.</summary>
    public static readonly ServerCapabilities Default = new()
    {
        Codecs =
        [
            new CodecCapability(SectionKind.Audio, "opus", 48_000, 2) { Kept = ["minptime", "useinbandfec"] },
            new CodecCapability(SectionKind.Video, "VP8", 90_000) { Feedback = ["ccm fir", "nack pli"] },
        ],
    };

    public required IReadOnlyList<CodecCapability> Codecs { get; init; }

    /// <summary>Answer with each codec's RTX payload type, and <c>nack</c>, where offered.</summary>
    public bool Rtx { get; init; }

    /// <summary>Answer <c>transport-cc</c> where offered.</summary>
    public bool TransportCc { get; init; }
}
