namespace Realtime.Media.Rtp;

/// <summary>The header extensions this server knows; each has one URI (<see cref="ExtensionUri"/>).</summary>
public enum ExtensionKind : byte
{
    None,
    /// <summary>RFC 9143.</summary>
    Mid,
    /// <summary>RFC 8852: rtp-stream-id.</summary>
    Rid,
    /// <summary>RFC 8852: repaired-rtp-stream-id.</summary>
    RepairedRid,
    AbsSendTime,
    /// <summary>RFC 5450.</summary>
    TransmissionOffset,
    /// <summary>Transport-wide sequence number.</summary>
    TransportCc,
    /// <summary>RFC 6464.</summary>
    AudioLevel,
    /// <summary>3GPP TS 26.114: coordination of video orientation.</summary>
    VideoOrientation,
    PlayoutDelay,
    VideoContentType,
    VideoTiming,
    ColorSpace,
    DependencyDescriptor,
    VideoLayersAllocation,
    AbsCaptureTime,
}
