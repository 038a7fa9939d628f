using System.Net.Sockets;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// Takes frames off one connection at a time, in one buffer for all. Only the beginning of a frame whose rest has not come is kept, in a
/// borrowed buffer.
/// </summary>
internal sealed class TcpFrameReader(int maxPacket)
{
    const int BufferLength = 64 << 10;

    readonly byte[] buffer = new byte[BufferLength];
    readonly Stack<byte[]> spare = new();
    int start;
    int end;

    /// <summary>The connection whose bytes lie in the buffer; null when they are used up.</summary>
    public TcpConnection? Current { get; private set; }

    /// <summary>Reads once. False: the other side has ended the connection, or it broke.</summary>
    public bool TryFill(Instant now, TcpConnection connection)
    {
        start = end = 0;
        if (connection.Partial is { } partial)
        {
            partial.AsSpan(0, connection.PartialLength).CopyTo(buffer);
            end = connection.PartialLength;
            Return(connection);
        }

        var read = connection.Socket.Receive(buffer.AsSpan(end), SocketFlags.None, out var error);
        var alive = error == SocketError.WouldBlock || (error == SocketError.Success && read > 0);
        if (error == SocketError.Success && read > 0)
        {
            end += read;
            connection.LastHeard = now;
        }

        if (end > 0 && alive) Current = connection;
        return alive;
    }

    /// <summary>The current connection's next frame; <see cref="FrameState.Partial"/> means that it is used up.</summary>
    public FrameState TryNext(out Span<byte> frame)
    {
        while (true)
        {
            var state = StreamFraming.TryRead(buffer.AsSpan(start, end - start), maxPacket, out var length);
            frame = default;
            if (state != FrameState.Whole)
            {
                if (state == FrameState.Partial && end > start) Keep(Current!, buffer.AsSpan(start, end - start));
                Current = null;
                return state;
            }

            frame = buffer.AsSpan(start + StreamFraming.HeaderLength, length);
            start += StreamFraming.HeaderLength + length;
            if (length > 0) return state;
        }
    }

    /// <summary>Bytes to be read before those that come.</summary>
    public void Keep(TcpConnection connection, ReadOnlySpan<byte> bytes)
    {
        connection.Partial ??= spare.TryPop(out var borrowed) ? borrowed : new byte[StreamFraming.HeaderLength + maxPacket];
        bytes.CopyTo(connection.Partial);
        connection.PartialLength = bytes.Length;
    }

    public void Forget(TcpConnection connection)
    {
        if (Current == connection) Current = null;
        Return(connection);
    }

    void Return(TcpConnection connection)
    {
        if (connection.Partial is { } partial) spare.Push(partial);
        connection.Partial = null;
        connection.PartialLength = 0;
    }
}
