using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

public enum PeerEventKind
{
    /// <summary>Keys are agreed: media flows from here on.</summary>
    Connected,
    /// <summary>Its receivers run: a key frame would be used.</summary>
    ReceiversReady,
    /// <summary>The other side said goodbye, or the handshake failed.</summary>
    TransportClosed,
    /// <summary>Silent for 30 s (RFC 7675).</summary>
    ConsentExpired,
    /// <summary>An ICE restart is done: the old ufrag is void.</summary>
    RestartCompleted,
    /// <summary>The subscriber lost the picture in <see cref="PeerEvent.Stream"/>.</summary>
    KeyframeWished,
}

/// <param name="Detail">Why a transport closed, for the log.</param>
public readonly record struct PeerEvent(PeerEventKind Kind, SendStream? Stream = null, string? Detail = null);

/// <summary>How far a peer's transport has come.</summary>
public enum PeerState
{
    /// <summary>It has not offered yet.</summary>
    New,
    Connecting,
    Connected,
    Closed,
}
