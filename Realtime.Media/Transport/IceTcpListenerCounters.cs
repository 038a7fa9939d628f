namespace Realtime.Media.Transport;

/// <summary>What the ICE-TCP port did so far. Written by its thread alone.</summary>
public sealed class IceTcpListenerCounters
{
    /// <summary>Connections that wait for their first STUN message now.</summary>
    public int Pending;

    public long Accepted, HandedOver;

    /// <summary>The first frame was no check for anybody here.</summary>
    public long Refused;
    public long RefusedPerAddress, Evicted, TimedOut, AcceptErrors;
}
