using System.Net;
using System.Net.Sockets;
using Realtime.Media.Transport;

namespace Realtime.Tests.Media.Isolation;

/// <summary>A test peer's own end: a UDP socket, or a TCP connection with RFC 4571 frames.</summary>
sealed class PeerSocket : IDisposable
{
    readonly Socket socket;
    readonly byte[] buffer = new byte[1 << 17];
    readonly byte[] frame = new byte[StreamFraming.HeaderLength + StreamFraming.MaxPayload];
    int start;
    int end;

    PeerSocket(Socket socket, IPEndPoint server)
    {
        this.socket = socket;
        Server = server;
    }

    public IPEndPoint Server { get; }

    public IPEndPoint Local => (IPEndPoint)socket.LocalEndPoint!;

    public bool IsTcp => socket.SocketType == SocketType.Stream;

    /// <summary>While set nothing is read: the kernel's buffers fill up, then the server's.</summary>
    public bool ReadsNothing { get; set; }

    public bool HasEnded { get; private set; }

    public static PeerSocket Open(IPEndPoint server, bool tcp)
    {
        var socket = new Socket(server.AddressFamily, tcp ? SocketType.Stream : SocketType.Dgram, tcp ? ProtocolType.Tcp : ProtocolType.Udp);
        if (tcp) socket.ReceiveBufferSize = 1 << 16;
        socket.Connect(server);
        if (tcp) socket.NoDelay = true;
        socket.Blocking = false;
        return new PeerSocket(socket, server);
    }

    public bool TryReceive(out Span<byte> datagram)
    {
        datagram = default;
        if (ReadsNothing || HasEnded) return false;
        if (!IsTcp)
        {
            if (socket.Available == 0) return false;
            datagram = buffer.AsSpan(0, socket.Receive(buffer, SocketFlags.None, out _));
            return !datagram.IsEmpty;
        }

        while (StreamFraming.TryRead(buffer.AsSpan(start, end - start), StreamFraming.MaxPayload, out var length) != FrameState.Whole)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            var read = socket.Receive(buffer.AsSpan(end), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return false;
            HasEnded = read == 0 || error != SocketError.Success;
            if (HasEnded) return false;
            end += read;
        }

        StreamFraming.TryRead(buffer.AsSpan(start, end - start), StreamFraming.MaxPayload, out var payload);
        datagram = buffer.AsSpan(start + StreamFraming.HeaderLength, payload);
        start += StreamFraming.HeaderLength + payload;
        return true;
    }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        if (!IsTcp)
        {
            socket.Send(datagram, SocketFlags.None, out _);
            return;
        }

        var rest = frame.AsSpan(0, StreamFraming.Write(frame, datagram));
        while (!rest.IsEmpty && !HasEnded)
        {
            var sent = socket.Send(rest, SocketFlags.None, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock)) HasEnded = true;
            else rest = rest[Math.Max(0, sent)..];
        }
    }

    /// <summary>As the kernel does when a process dies.</summary>
    public void Dispose()
    {
        HasEnded = true;
        socket.Dispose();
    }
}
