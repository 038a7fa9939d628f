using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// A worker's sockets, driven by its thread alone: one UDP socket and the TCP connections it was handed. A turn is wait, take what is there one
/// datagram at a time, send the outbox. <see cref="LinuxEdge"/> in production, <see cref="PortableEdge"/> for development elsewhere.
/// </summary>
public interface IMediaEdge : IDisposable
{
    EdgeCounters Counters { get; }

    /// <summary>0 without UDP.</summary>
    int UdpPort { get; }

    /// <summary>Whether runs of datagrams leave as one message.</summary>
    bool SegmentationWorks { get; }

    /// <summary>Under load a worker does well to <see cref="Rest"/> while the rest of a frame is on its way.</summary>
    bool IsLoaded { get; }

    /// <summary>Waits for a datagram, a wake-up or <paramref name="deadline"/>, whichever comes first. Begins a turn.</summary>
    void Wait(Instant now, Instant deadline);

    /// <summary>A quarter of a millisecond, then sees what has come. Continues the turn.</summary>
    void Rest();

    /// <summary>The next datagram that is there now; its bytes are valid, and writable, until the next call. False ends the turn.</summary>
    bool TryReceive(out NetAddress from, out Span<byte> datagram);

    /// <summary>Sends everything and clears the outbox. What TCP readers do not take is queued for them, up to their bound.</summary>
    void Flush(Outbox outbox);

    /// <summary>Takes over a connection; its first frame is the next thing received from it.</summary>
    void Adopt(Instant now, TcpHandover handover);

    /// <summary>Ends a TCP connection that is nobody's path any more, after what was sent. Unknown ones are ignored.</summary>
    void Close(in NetAddress connection);

    /// <summary>Ends all TCP connections at once.</summary>
    void CloseConnections();

    /// <summary>A TCP connection that ended by itself, told once.</summary>
    bool TryTakeClosed(out NetAddress connection);

    /// <summary>Ends the wait, from any thread.</summary>
    void Wake();
}
