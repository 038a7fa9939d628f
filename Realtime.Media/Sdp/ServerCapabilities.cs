namespace Realtime.Media.Sdp;

/// <summary>A codec this server forwards.</summary>
public sealed record CodecCapability(SectionKind Kind, string Name, int ClockRate, int Channels = 1)
{
    /// <summary>rtcp-fb we act upon; answered when offered.</summary>
    public IReadOnlyList<string> Feedback { get; init; } = [];

    /// <summary>Format parameters that tell this format from others of the name (<see cref="CodecFormat.IsSame"/>).</summary>
    public string Format { get; init; } = "";

    /// <summary>Format parameters echoed as offered.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    public bool Accepts(Codec offered) =>
        CodecFormat.IsSame(offered, new Codec(offered.PayloadType, Name, ClockRate, Channels) { FormatParameters = Format });
}

/// <summary>What the server answers with. Names come in the offerer's order; formats of one name in ours.</summary>
public sealed record ServerCapabilities
{
    static readonly string[] VideoFeedback = ["ccm fir", "nack", "nack pli"];

    /// <summary>Opus with RED, VP8, H264, VP9 and AV1; key frames by PLI and FIR, retransmission by NACK and RTX, transport-wide congestion feedback.</summary>
    public static readonly ServerCapabilities Default = new()
    {
        Codecs =
        [
            new CodecCapability(SectionKind.Audio, "opus", 48_000, 2) { Kept = ["minptime", "useinbandfec"] },
            Video("VP8", ""),
            // Everything that speaks H264 decodes Constrained Baseline, and mode 1 is what encoders choose (RFC 7742 §6.2).
            H264("42e01f", 1),
            H264("42001f", 1),
            H264("42e01f", 0),
            H264("42001f", 0),
            H264("4d001f", 1),
            H264("4d001f", 0),
            H264("640c1f", 1),
            H264("640c1f", 0),
            H264("64001f", 1),
            H264("64001f", 0),
            Video("VP9", "profile-id=0", "profile-id"),
            Video("VP9", "profile-id=2", "profile-id"),
            Video("AV1", "profile=0", "level-idx", "profile", "tier"),
        ],
        Rtx = true,
        Red = true,
        TransportCc = true,
    };

    public required IReadOnlyList<CodecCapability> Codecs { get; init; }

    /// <summary>Answer with each codec's RTX payload type where offered.</summary>
    public bool Rtx { get; init; }

    /// <summary>Answer with the RED payload type of an audio codec where offered.</summary>
    public bool Red { get; init; }

    /// <summary>Answer <c>transport-cc</c> where offered, <c>goog-remb</c> to those who offer nothing better.</summary>
    public bool TransportCc { get; init; }

    static CodecCapability Video(string name, string format, params string[] kept) =>
        new(SectionKind.Video, name, 90_000) { Format = format, Kept = kept, Feedback = VideoFeedback };

    // The level is echoed: raising it would ask a publisher for more than its receivers declared, and with or without asymmetry the
    // offered one is allowed (RFC 6184 §8.2.2).
    static CodecCapability H264(string profile, int mode) =>
        Video("H264", $"packetization-mode={mode};profile-level-id={profile}", "level-asymmetry-allowed", "packetization-mode", "profile-level-id");
}
