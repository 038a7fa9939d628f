using Realtime.Media.Core;

namespace Realtime.Media.Isolation;

/// <summary>What one worker did and holds. Written by its thread alone; others read it, each figure for itself.</summary>
public sealed class WorkerCounters
{
    public DropCounters Drops { get; } = new();

    /// <summary>From a packet's receipt until its copies were handed to the kernel, weighted by copies.</summary>
    public LatencyHistogram Latency { get; } = new();

    public long DatagramsIn, BytesIn;

    public int Rooms, Peers, Tracks;

    /// <summary>Faults contained to a peer or room.</summary>
    public long FaultsContained;

    public long PeersOverQuota, HandshakesEvicted;

    /// <summary>Media packets that came over links from other parts of rooms.</summary>
    public long RelayedIn;

    /// <summary>Not 0: the worker slept and forwards nothing until its rooms are confirmed.</summary>
    public long FencedBy;

    /// <summary>Bytes the worker's thread has allocated so far: a test holds it still.</summary>
    public long AllocatedBytes;
}
