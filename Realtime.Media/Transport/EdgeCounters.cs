namespace Realtime.Media.Transport;

/// <summary>What one edge did so far, UDP and TCP together. Written by its worker's thread alone; others read it without tearing on 64 bits.</summary>
public sealed class EdgeCounters
{
    public long ReceivedDatagrams, ReceivedBytes;
    public long SentDatagrams, SentBytes;
    /// <summary>Messages handed to the kernel: fewer than datagrams when segmentation or a TCP stream joined some.</summary>
    public long SentMessages;
    /// <summary>Datagrams dropped because the socket's buffer stayed full.</summary>
    public long SendBufferDrops;
    public long SendErrors;

    /// <summary>TCP connections that are open now.</summary>
    public int TcpConnections;
    /// <summary>Connections taken over from the listener.</summary>
    public long TcpAdopted;
    /// <summary>Packets not queued for a reader that is behind by <see cref="TcpLimits.BacklogBytes"/>.</summary>
    public long TcpSlowReaderDrops;
    /// <summary>Connections closed because their reader took nothing for too long, or too many readers were behind at once.</summary>
    public long TcpSlowReadersClosed;
    /// <summary>Connections closed because what came was no RFC 4571 framing, or nothing came at all.</summary>
    public long TcpBroken;
}
