using Realtime.Media.Core;

namespace Realtime.Media.Ice;

public enum IceEventKind
{
    /// <summary>The first path is nominated: media may be sent to it.</summary>
    Connected,

    /// <summary>Send to this path from now on.</summary>
    PathChanged,

    /// <summary>A path of the new credentials is nominated; the old ones are void.</summary>
    RestartCompleted,

    /// <summary>Nothing authenticated arrived for 30 s (RFC 7675): the peer is gone, nothing may be sent any more.</summary>
    ConsentExpired,

    /// <summary>The selected path ended (TCP) and no other is alive: nothing can be sent until one is nominated.</summary>
    PathLost,
}

/// <param name="Path">The selected path at the time of the event.</param>
public readonly record struct IceEvent(IceEventKind Kind, NetAddress Path);
