using System.Net.Sockets;
using Realtime.Media.Core;
using Realtime.Media.Ice;

namespace Realtime.Media.Transport;

internal enum PendingState
{
    Waiting,
    /// <summary>The first frame is there.</summary>
    Whole,
    /// <summary>It ended, or cannot be a STUN message.</summary>
    Hopeless,
}

/// <summary>An accepted connection of which nothing is known yet: reads its first frame, at most 1,282 bytes.</summary>
internal sealed class PendingConnection(Socket socket, NetAddress remote, (ulong, ulong) source, Instant giveUpAt)
{
    readonly byte[] buffer = new byte[StreamFraming.HeaderLength + StunMessage.MaxSize];
    int filled;
    int wanted = StreamFraming.HeaderLength;

    public Socket Socket { get; } = socket;

    public NetAddress Remote { get; } = remote;

    /// <summary>Under which it is counted.</summary>
    public (ulong, ulong) Source { get; } = source;

    public Instant GiveUpAt { get; } = giveUpAt;

    public PendingState Read()
    {
        while (true)
        {
            var read = Socket.Receive(buffer.AsSpan(filled, wanted - filled), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return PendingState.Waiting;
            if (error != SocketError.Success || read == 0) return PendingState.Hopeless;
            filled += read;
            if (filled < wanted) continue;
            if (wanted > StreamFraming.HeaderLength) return PendingState.Whole;
            var state = StreamFraming.TryRead(buffer.AsSpan(0, filled), StunMessage.MaxSize, out var length);
            if (state == FrameState.TooLong || length < StunMessage.HeaderSize) return PendingState.Hopeless;
            wanted += length;
        }
    }

    /// <summary>With its length before it.</summary>
    public byte[] TakeFrame() => buffer[..filled];
}
