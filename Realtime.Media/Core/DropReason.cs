namespace Realtime.Media.Core;

/// <summary>Why a datagram or packet went no further. Every drop is counted under exactly one of these; input never throws.</summary>
public enum DropReason
{
    None,
    /// <summary>First byte belongs to none of STUN, DTLS, RTP/RTCP (RFC 7983).</summary>
    UnknownKind,
    TooShort,
    Malformed,
    /// <summary>STUN username names no peer here.</summary>
    UnknownUfrag,
    /// <summary>STUN MESSAGE-INTEGRITY or FINGERPRINT is missing or wrong.</summary>
    BadIntegrity,
    /// <summary>From an address that passed no connectivity check.</summary>
    UnknownAddress,
    /// <summary>SRTP before the DTLS handshake finished.</summary>
    NoKeys,
    /// <summary>SRTP or SRTCP authentication failed.</summary>
    BadAuthTag,
    /// <summary>SRTP or SRTCP index seen before, or too old for the window.</summary>
    Replayed,
    UnknownSsrc,
    UnknownPayloadType,
    /// <summary>An RTP packet that came before, by another way, or is not waited for any more.</summary>
    Duplicate,
    /// <summary>The publication is muted, or its sections are gone.</summary>
    NotPublishing,
    OverQuota,
    OutboxFull,
    /// <summary>More waits for the subscriber's slow link than its queue holds.</summary>
    PacerFull,
    DtlsFailed,
    /// <summary>The peer is closed; late packets.</summary>
    PeerClosed,
    /// <summary>The node slept, and its rooms may be another's by now.</summary>
    Fenced,
}
