using System.Net;
using System.Net.Sockets;
using Realtime.Media.Core;
using Realtime.Media.Transport;
using Xunit;

namespace Realtime.Tests.Media.Transport;

/// <summary>What both edges do alike over UDP; the portable one runs here on Linux as it does elsewhere.</summary>
public sealed class MediaEdgeTests : IDisposable
{
    const int MaxDatagrams = 1024;
    const int Patience = 500;

    readonly List<IMediaEdge> edges = [];
    readonly Outbox outbox = new(1 << 20, MaxDatagrams);
    IMediaEdge port = null!;

    NetAddress Own => NetAddress.From(new IPEndPoint(IPAddress.Loopback, port.UdpPort));

    public static TheoryData<EdgeKind> Kinds => OperatingSystem.IsLinux() ? [EdgeKind.Linux, EdgeKind.Portable] : [EdgeKind.Portable];

    public void Dispose() => edges.ForEach(edge => edge.Dispose());

    [Theory, MemberData(nameof(Kinds))]
    public void Equal_datagrams_to_one_destination_leave_as_one_message_and_arrive_as_they_were(EdgeKind kind)
    {
        port = Open(kind, IPAddress.Loopback);
        for (var i = 0; i < 40; i++) Queue(Own, i, i < 39 ? 1200 : 300);
        port.Flush(outbox);
        Assert.Equal(0, outbox.Count);
        Assert.Equal(40, port.Counters.SentDatagrams);
        Assert.Equal(port.SegmentationWorks ? 1 : 40, port.Counters.SentMessages);

        var got = ReceiveAll(40);
        Assert.Equal(Enumerable.Range(0, 40), got.Select(datagram => (int)datagram[0]));
        Assert.All(got.Take(39), datagram => Assert.Equal(1200, datagram.Length));
        Assert.Equal(300, got[39].Length);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Order_is_kept_for_each_destination_whatever_the_sizes_and_the_interleaving(EdgeKind kind)
    {
        port = Open(kind, IPAddress.Loopback);
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.ReceiveTimeout = 5000;
        var there = NetAddress.From((IPEndPoint)other.LocalEndPoint!);
        int[] sizes = [100, 100, 90, 200, 200, 200, 50, 100, 1200, 1200, 1199, 1200];
        for (var i = 0; i < sizes.Length; i++)
        {
            Queue(Own, i, sizes[i]);
            Queue(there, 100 + i, sizes[^(i + 1)]);
        }

        port.Flush(outbox);
        Assert.Equal(sizes, ReceiveAll(sizes.Length).Select(datagram => datagram.Length));
        var buffer = new byte[2000];
        for (var i = 0; i < sizes.Length; i++)
        {
            Assert.Equal(sizes[^(i + 1)], other.Receive(buffer));
            Assert.Equal(100 + i, buffer[0]);
        }

        Assert.Equal(port.SegmentationWorks, port.Counters.SentMessages < port.Counters.SentDatagrams);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Many_datagrams_to_many_destinations_all_leave(EdgeKind kind)
    {
        port = Open(kind, IPAddress.Loopback);
        var sockets = Enumerable.Range(0, 100).Select(_ =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return socket;
        }).ToList();
        for (var i = 0; i < 1000; i++) Queue(NetAddress.From((IPEndPoint)sockets[i % 100].LocalEndPoint!), i / 100, 500);
        port.Flush(outbox);
        var buffer = new byte[2000];
        foreach (var socket in sockets)
        {
            for (var i = 0; i < 10; i++)
            {
                Assert.Equal(500, socket.Receive(buffer));
                Assert.Equal(i, buffer[0]);
            }

            socket.Dispose();
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void The_sender_is_known_by_its_address(EdgeKind kind)
    {
        port = Open(kind, IPAddress.Loopback);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        client.SendTo([1, 2, 3], new IPEndPoint(IPAddress.Loopback, port.UdpPort));
        Assert.True(WaitFor(out var from, out var datagram));
        Assert.Equal(NetAddress.From((IPEndPoint)client.LocalEndPoint!), from);
        Assert.Equal([1, 2, 3], datagram);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_wake_up_ends_the_wait_before_the_deadline(EdgeKind kind)
    {
        port = Open(kind, IPAddress.Loopback);
        port.Wake();
        var now = MonotonicClock.Now;
        // A deadline no test run reaches: returning at all is the assertion.
        port.Wait(now, now + TimeSpan.FromHours(1));
        Assert.False(port.TryReceive(out _, out _));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void An_address_the_socket_cannot_reach_costs_that_datagram_alone(EdgeKind kind)
    {
        port = Open(kind, IPAddress.Loopback);
        Queue(NetAddress.From(new IPEndPoint(IPAddress.IPv6Loopback, 9)), 1, 100);
        Queue(Own, 2, 100);
        port.Flush(outbox);
        Assert.Equal(2, Assert.Single(ReceiveAll(1))[0]);
        Assert.Equal(1, port.Counters.SendErrors);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void One_socket_takes_both_families(EdgeKind kind)
    {
        port = Open(kind, IPAddress.IPv6Any);
        foreach (var address in Socket.OSSupportsIPv6 ? new[] { IPAddress.Loopback, IPAddress.IPv6Loopback } : [IPAddress.Loopback])
        {
            using var client = Connected(address);
            client.Send([1, 2, 3]);
            Assert.True(WaitFor(out var from, out _));
            Assert.Equal(client.LocalEndPoint, from.ToIPEndPoint());
            Queue(from, 9, 20);
            port.Flush(outbox);
            // A connected socket takes it from the address it asked, and from no other.
            Assert.Equal(20, client.Receive(new byte[100]));
        }
    }

    [Fact]
    public void Listening_everywhere_answers_leave_from_the_address_that_was_asked()
    {
        // All of 127.0.0.0/8 is this machine, and no route would choose 127.0.0.2 by itself: Linux alone.
        if (!OperatingSystem.IsLinux()) return;
        foreach (var any in new[] { IPAddress.Any, IPAddress.IPv6Any })
        {
            port = Open(EdgeKind.Linux, any);
            using var first = Connected(IPAddress.Parse("127.0.0.2"));
            using var second = Connected(IPAddress.Parse("127.0.0.3"));
            foreach (var client in new[] { first, second, first })
            {
                client.Send([1]);
                Assert.True(WaitFor(out var from, out _));
                // A run, so that both control messages stand in one message; and a single one.
                for (var i = 0; i < 3; i++) Queue(from, i, 500);
                port.Flush(outbox);
                Queue(from, 3, 600);
                port.Flush(outbox);
                foreach (var length in new[] { 500, 500, 500, 600 }) Assert.Equal(length, client.Receive(new byte[1000]));
            }

            Assert.Equal(0, port.Counters.SendErrors);
        }
    }

    [Fact]
    public void A_socket_that_refuses_segments_sends_one_by_one_from_then_on_and_loses_nothing()
    {
        if (!OperatingSystem.IsLinux()) return;
        port = Open(EdgeKind.Linux, IPAddress.IPv6Any);
        using var client = Connected(IPAddress.Parse("127.0.0.2"));
        client.Send([1]);
        Assert.True(WaitFor(out var from, out _));
        for (var i = 0; i < 4; i++) Queue(from, i, 500);
        port.Flush(outbox);
        Assert.True(port.SegmentationWorks);
        Assert.Equal(1, port.Counters.SentMessages);

        // The kernel cannot segment without checksums (EINVAL), as a device may not (EIO).
        const int solSocket = 1, soNoCheck = 11;
        using (var handle = new SafeSocketHandle(((LinuxEdge)port).UdpDescriptor, ownsHandle: false))
        using (var socket = new Socket(handle))
            socket.SetRawSocketOption(solSocket, soNoCheck, BitConverter.GetBytes(1));
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 4; i++) Queue(from, i, 500);
            port.Flush(outbox);
            Assert.False(port.SegmentationWorks);
            Assert.Equal(1 + (4 * (round + 1)), port.Counters.SentMessages);
        }

        for (var i = 0; i < 12; i++) Assert.Equal(500, client.Receive(new byte[1000]));
        Assert.Equal(0, port.Counters.SendErrors);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Without_udp_nothing_is_bound_and_nothing_is_sent(EdgeKind kind)
    {
        port = Open(kind, null);
        Assert.Equal(0, port.UdpPort);
        Queue(NetAddress.From(new IPEndPoint(IPAddress.Loopback, 9)), 1, 10);
        port.Flush(outbox);
        Assert.Equal(1, port.Counters.SendErrors);
        Assert.False(port.TryReceive(out _, out _));
    }

    IMediaEdge Open(EdgeKind kind, IPAddress? bind)
    {
        var edge = MediaEdge.Open(new EdgeOptions(kind, bind is null ? null : new IPEndPoint(bind, 0), new TcpLimits(), MaxDatagrams));
        edges.Add(edge);
        return edge;
    }

    Socket Connected(IPAddress to)
    {
        var client = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
        client.Connect(new IPEndPoint(to, port.UdpPort));
        return client;
    }

    void Queue(NetAddress to, int mark, int length)
    {
        Assert.True(outbox.TryReserve(length, out var buffer));
        buffer.Clear();
        buffer[0] = (byte)mark;
        outbox.Commit(to, length);
    }

    List<byte[]> ReceiveAll(int count)
    {
        var got = new List<byte[]>();
        while (got.Count < count && WaitFor(out _, out var datagram)) got.Add(datagram);
        Assert.Equal(count, got.Count);
        return got;
    }

    bool WaitFor(out NetAddress from, out byte[] datagram)
    {
        for (var i = 0; i < Patience; i++)
        {
            if (port.TryReceive(out from, out var bytes))
            {
                datagram = bytes.ToArray();
                return true;
            }

            port.Wait(MonotonicClock.Now, MonotonicClock.Now + TimeSpan.FromMilliseconds(10));
        }

        from = default;
        datagram = [];
        return false;
    }
}
