using System.Net;
using System.Net.Sockets;
using Realtime.Media.Core;
using Realtime.Media.Transport;
using Xunit;

namespace Realtime.Tests.Media.Transport;

public sealed class UdpPortTests : IDisposable
{
    const int MaxDatagrams = 1024;
    const int Patience = 500;

    readonly WakeSignal wake = new();
    readonly UdpPort port;
    readonly Outbox outbox = new(1 << 20, MaxDatagrams);

    public UdpPortTests() => port = new UdpPort(new IPEndPoint(IPAddress.Loopback, 0), wake, MaxDatagrams);

    NetAddress Own => NetAddress.From(new IPEndPoint(IPAddress.Loopback, port.LocalPort));

    public void Dispose()
    {
        port.Dispose();
        wake.Dispose();
    }

    [Fact]
    public void Equal_datagrams_to_one_destination_leave_as_one_message_and_arrive_as_they_were()
    {
        for (var i = 0; i < 40; i++) Queue(Own, i, i < 39 ? 1200 : 300);
        port.Flush(outbox);
        Assert.Equal(0, outbox.Count);
        Assert.Equal(40, port.Counters.SentDatagrams);
        if (port.SegmentationWorks) Assert.Equal(1, port.Counters.SentMessages);

        var got = ReceiveAll(40);
        Assert.Equal(Enumerable.Range(0, 40), got.Select(datagram => (int)datagram[0]));
        Assert.All(got.Take(39), datagram => Assert.Equal(1200, datagram.Length));
        Assert.Equal(300, got[39].Length);
    }

    [Fact]
    public void Order_is_kept_for_each_destination_whatever_the_sizes_and_the_interleaving()
    {
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

        Assert.True(port.Counters.SentMessages < port.Counters.SentDatagrams);
    }

    [Fact]
    public void Many_datagrams_to_many_destinations_all_leave()
    {
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

    [Fact]
    public void The_sender_is_known_by_its_address()
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        client.SendTo([1, 2, 3], new IPEndPoint(IPAddress.Loopback, port.LocalPort));
        Assert.True(WaitFor(out var from, out var datagram));
        Assert.Equal(NetAddress.From((IPEndPoint)client.LocalEndPoint!), from);
        Assert.Equal([1, 2, 3], datagram);
    }

    [Fact]
    public void A_wake_up_ends_the_wait_before_the_deadline()
    {
        wake.Set();
        var now = MonotonicClock.Now;
        // A deadline no test run reaches: returning at all is the assertion.
        port.Wait(now, now + TimeSpan.FromHours(1));
        Assert.False(port.TryReceive(out _, out _));
    }

    [Fact]
    public void An_address_the_socket_cannot_reach_costs_that_datagram_alone()
    {
        Queue(NetAddress.From(new IPEndPoint(IPAddress.IPv6Loopback, 9)), 1, 100);
        Queue(Own, 2, 100);
        port.Flush(outbox);
        Assert.Equal(2, Assert.Single(ReceiveAll(1))[0]);
        Assert.Equal(1, port.Counters.SendErrors);
    }

    [Fact]
    public void One_socket_takes_both_families_where_there_is_ipv6()
    {
        using var both = new UdpPort(new IPEndPoint(IPAddress.IPv6Any, 0), wake, MaxDatagrams);
        Queue(NetAddress.From(new IPEndPoint(IPAddress.Loopback, both.LocalPort)), 7, 10);
        port.Flush(outbox);
        for (var i = 0; i < Patience; i++)
        {
            both.Wait(MonotonicClock.Now, MonotonicClock.Now + TimeSpan.FromMilliseconds(10));
            if (!both.TryReceive(out var from, out _)) continue;
            Assert.Equal(Own, from);
            return;
        }

        Assert.Fail("nothing arrived");
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
