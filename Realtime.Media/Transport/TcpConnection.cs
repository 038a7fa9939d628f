using System.Net.Sockets;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>One accepted connection: its socket, what of a frame has come, and what waits for a reader that is behind.</summary>
internal sealed class TcpConnection(int number, Socket socket, NetAddress remote, Instant now)
{
    int backlogHead;
    int backlogTail;

    public int Number { get; } = number;

    public Socket Socket { get; } = socket;

    public NetAddress Address { get; } = remote with { Connection = number };

    /// <summary>For epoll; owned by the socket.</summary>
    public int Descriptor { get; } = (int)socket.SafeHandle.DangerousGetHandle();

    public bool IsClosed { get; set; }

    /// <summary>Nobody's any more: waits for the other side to close its half, until then.</summary>
    public Instant LingersUntil { get; set; } = Instant.Never;

    public Instant LastHeard { get; set; } = now;

    /// <summary>When the kernel last took a byte of the backlog.</summary>
    public Instant LastProgress { get; set; }

    /// <summary>The beginning of a frame whose rest is to come; borrowed while there is one.</summary>
    public byte[]? Partial { get; set; }

    public int PartialLength { get; set; }

    /// <summary>Borrowed while the reader is behind.</summary>
    public byte[]? Backlog { get; set; }

    public bool HasBacklog => Backlog is not null;

    public int BacklogLength => backlogTail - backlogHead;

    public ReadOnlySpan<byte> Waiting => Backlog.AsSpan(backlogHead, BacklogLength);

    /// <summary>Queues bytes behind those that wait.</summary>
    /// <param name="limit">How many may wait in all.</param>
    public bool TryReserve(int length, int limit, out Span<byte> room)
    {
        room = default;
        if (BacklogLength + length > limit) return false;
        if (backlogTail + length > Backlog!.Length)
        {
            Waiting.CopyTo(Backlog);
            backlogTail -= backlogHead;
            backlogHead = 0;
        }

        room = Backlog.AsSpan(backlogTail, length);
        backlogTail += length;
        return true;
    }

    /// <summary>The kernel took the first bytes.</summary>
    public void Taken(int length)
    {
        backlogHead += length;
        if (backlogHead == backlogTail) backlogHead = backlogTail = 0;
    }

    /// <summary>Closes our half after what was sent. False: the other side is gone already.</summary>
    public bool TryFinish()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
