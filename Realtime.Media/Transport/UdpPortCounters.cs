namespace Realtime.Media.Transport;

/// <summary>What one port did so far. Written by its worker's thread alone; others read it without tearing on 64 bits.</summary>
public sealed class UdpPortCounters
{
    public long ReceivedDatagrams, ReceivedBytes;
    public long SentDatagrams, SentBytes;
    /// <summary>Messages handed to the kernel: fewer than datagrams when segmentation joined some.</summary>
    public long SentMessages;
    /// <summary>Datagrams dropped because the socket's buffer stayed full.</summary>
    public long SendBufferDrops;
    public long SendErrors;
}
