using System.Net.Sockets;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// Frames packets into one buffer for all connections and writes it at once. What the kernel does not take goes into the connection's backlog,
/// borrowed until the reader has caught up; once that is full, whole packets are dropped, media first.
/// </summary>
internal sealed class TcpFrameWriter(TcpLimits limits, EdgeCounters counters, Action<TcpConnection>? backlogChanged)
{
    const int BufferLength = 64 << 10;

    readonly byte[] buffer = new byte[BufferLength];
    readonly Stack<byte[]> spare = new();
    int borrowed;

    /// <summary>False: the connection broke, or one slow reader too many.</summary>
    public bool TryWrite(Instant now, TcpConnection connection, Outbox outbox, DestinationRuns runs, int first)
    {
        var used = 0;
        var entries = outbox.Entries;
        for (var i = first; i >= 0; i = runs.Next(i))
        {
            var payload = outbox.Payload(entries[i]);
            if (!connection.HasBacklog && used + StreamFraming.HeaderLength + payload.Length > buffer.Length)
            {
                if (!TrySend(now, connection, used)) return false;
                used = 0;
            }

            if (!connection.HasBacklog)
            {
                used += StreamFraming.Write(buffer.AsSpan(used), payload);
            }
            else if (!TryQueue(connection, payload))
            {
                counters.TcpSlowReaderDrops++;
                continue;
            }

            counters.SentDatagrams++;
            counters.SentBytes += payload.Length;
        }

        return used == 0 || TrySend(now, connection, used);
    }

    /// <summary>The kernel has room again. False: the connection broke.</summary>
    public bool TryDrain(Instant now, TcpConnection connection)
    {
        if (!connection.HasBacklog) return true;
        var sent = connection.Socket.Send(connection.Waiting, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) return true;
        if (error != SocketError.Success) return false;
        counters.SentMessages++;
        connection.Taken(sent);
        connection.LastProgress = now;
        if (connection.BacklogLength > 0) return true;
        Return(connection);
        backlogChanged?.Invoke(connection);
        // A lingering connection has said all it had to say.
        return connection.LingersUntil.IsNever || connection.TryFinish();
    }

    public void Forget(TcpConnection connection) => Return(connection);

    bool TryQueue(TcpConnection connection, ReadOnlySpan<byte> payload)
    {
        // RFC 7983: RTP and RTCP begin with 128–191.
        var isMedia = payload.Length > 0 && payload[0] >= 128;
        var limit = isMedia ? limits.BacklogBytes / 4 * 3 : limits.BacklogBytes;
        if (!connection.TryReserve(StreamFraming.HeaderLength + payload.Length, limit, out var room)) return false;
        StreamFraming.Write(room, payload);
        return true;
    }

    bool TrySend(Instant now, TcpConnection connection, int length)
    {
        var sent = connection.Socket.Send(buffer.AsSpan(0, length), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) sent = 0;
        else if (error != SocketError.Success) return false;
        counters.SentMessages++;
        if (sent == length) return true;
        if (borrowed == limits.Backlogs)
        {
            counters.TcpSlowReadersClosed++;
            return false;
        }

        borrowed++;
        // Room for a whole buffer beyond the limit: a frame that was begun must be ended.
        connection.Backlog = spare.TryPop(out var found) ? found : new byte[limits.BacklogBytes + BufferLength];
        connection.LastProgress = now;
        connection.TryReserve(length - sent, int.MaxValue, out var room);
        buffer.AsSpan(sent, length - sent).CopyTo(room);
        backlogChanged?.Invoke(connection);
        return true;
    }

    void Return(TcpConnection connection)
    {
        if (connection.Backlog is not { } backlog) return;
        connection.Taken(connection.BacklogLength);
        connection.Backlog = null;
        borrowed--;
        spare.Push(backlog);
    }
}
