using System.Net;
using System.Net.Sockets;
using Realtime.Media.Ice;
using Realtime.Media.Transport;
using Realtime.Tests.Media.Isolation;
using Xunit;

namespace Realtime.Tests.Media.Transport;

/// <summary>The port before anybody is known: turned by hand, so each test sees each step.</summary>
public sealed class IceTcpListenerTests : IDisposable
{
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(10);

    readonly List<IDisposable> garbage = [];
    readonly List<(UfragKey Ufrag, TcpHandover Connection)> handedOver = [];
    bool isKnown = true;

    public void Dispose() => garbage.ForEach(each => each.Dispose());

    [Fact]
    public void A_first_check_hands_the_connection_over_wherever_it_is_cut_and_not_a_byte_more_is_read()
    {
        var listener = Listen();
        byte[] more = [0, 1, 42];
        byte[] stream = [.. Framed(ForgedCheck.For("abcd1234")), .. more];
        for (var cut = 0; cut <= stream.Length; cut++)
        {
            var client = Connect(listener);
            client.Send(stream.AsSpan(0, cut));
            Turn(listener, () => listener.Counters.Accepted == cut + 1);
            listener.Turn(TimeSpan.Zero);
            client.Send(stream.AsSpan(cut));
            Turn(listener, () => handedOver.Count == cut + 1);
            Assert.True(UfragKey.TryFrom("abcd1234"u8, out var expected));
            var (ufrag, connection) = handedOver[^1];
            Assert.Equal(expected, ufrag);
            Assert.Equal(stream[..^more.Length], connection.FirstFrame);
            Assert.Equal(client.LocalEndPoint, connection.Remote.ToIPEndPoint());
            Assert.True(connection.Socket.Poll(5_000_000, SelectMode.SelectRead));
            var rest = new byte[10];
            var read = 0;
            while (read < more.Length && connection.Socket.Poll(5_000_000, SelectMode.SelectRead)) read += connection.Socket.Receive(rest.AsSpan(read));
            Assert.Equal(more, rest[..read]);
            client.Dispose();
            connection.Socket.Dispose();
        }

        Assert.Equal(0, listener.Counters.Refused);
    }

    [Fact]
    public void What_cannot_be_a_check_for_anybody_here_is_closed_at_once()
    {
        var listener = Listen();
        isKnown = false;
        byte[][] openings =
        [
            Framed(ForgedCheck.For("abcd1234")),
            [0, 0],
            [0, 19],
            [0x05, 0x01],
            [0xFF, 0xFF],
            "GET / HTTP/1.1\r\n\r\n"u8.ToArray(),
            Framed(new byte[100]),
        ];
        foreach (var opening in openings)
        {
            var client = Connect(listener);
            client.Send(opening);
            var refused = listener.Counters.Refused;
            Turn(listener, () => listener.Counters.Refused == refused + 1);
            Assert.True(HasEnded(client));
        }

        var mute = Connect(listener);
        Turn(listener, () => listener.Counters.Pending == 1);
        mute.Shutdown(SocketShutdown.Send);
        Turn(listener, () => listener.Counters.Pending == 0);
        Assert.Empty(handedOver);
    }

    [Fact]
    public void Who_says_nothing_in_time_is_closed()
    {
        var listener = Listen(new TcpLimits { FirstFrameWithin = TimeSpan.FromMilliseconds(50) });
        var client = Connect(listener);
        client.Send(Framed(ForgedCheck.For("abcd1234")).AsSpan(0, 30));
        Turn(listener, () => listener.Counters.TimedOut == 1);
        Assert.True(HasEnded(client));
    }

    [Fact]
    public void One_address_holds_no_more_than_its_share_and_a_flood_from_many_evicts_the_oldest()
    {
        var listener = Listen(new TcpLimits { Pending = 6, PendingPerAddress = 3 });
        for (var i = 0; i < 5; i++) Connect(listener);
        Turn(listener, () => listener.Counters.Accepted == 5);
        Assert.Equal(3, listener.Counters.Pending);
        Assert.Equal(2, listener.Counters.RefusedPerAddress);
        if (!OperatingSystem.IsLinux()) return;

        // 127.0.0.0/8 is this machine.
        for (var i = 0; i < 6; i++) Connect(listener, IPAddress.Parse($"127.0.1.{i + 1}"));
        Turn(listener, () => listener.Counters.Accepted == 11);
        Assert.Equal(6, listener.Counters.Pending);
        Assert.Equal(3, listener.Counters.Evicted);
        var late = Connect(listener, IPAddress.Parse("127.0.2.1"));
        late.Send(Framed(ForgedCheck.For("abcd1234")));
        Turn(listener, () => handedOver.Count == 1);
    }

    [Fact]
    public void Both_families_reach_the_one_port()
    {
        var listener = Listen(bind: IPAddress.IPv6Any);
        foreach (var address in Socket.OSSupportsIPv6 ? new[] { IPAddress.Loopback, IPAddress.IPv6Loopback } : [IPAddress.Loopback])
        {
            var client = Connect(listener, to: address);
            client.Send(Framed(ForgedCheck.For("abcd1234")));
            var before = handedOver.Count;
            Turn(listener, () => handedOver.Count > before);
            Assert.Equal(client.LocalEndPoint, handedOver[^1].Connection.Remote.ToIPEndPoint());
        }
    }

    IceTcpListener Listen(TcpLimits? limits = null, IPAddress? bind = null)
    {
        var listener = new IceTcpListener(new IPEndPoint(bind ?? IPAddress.Loopback, 0), limits ?? new TcpLimits(), (ufrag, connection) =>
        {
            if (isKnown) handedOver.Add((ufrag, connection));
            return isKnown;
        });
        garbage.Add(listener);
        return listener;
    }

    Socket Connect(IceTcpListener listener, IPAddress? from = null, IPAddress? to = null)
    {
        to ??= IPAddress.Loopback;
        var client = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 5000 };
        garbage.Add(client);
        if (from is not null) client.Bind(new IPEndPoint(from, 0));
        client.Connect(to, listener.LocalPort);
        return client;
    }

    static void Turn(IceTcpListener listener, Func<bool> until)
    {
        for (var i = 0; i < 500 && !until(); i++) listener.Turn(Short);
        Assert.True(until());
    }

    static bool HasEnded(Socket client)
    {
        client.Receive(new byte[1], SocketFlags.None, out var error);
        return error is SocketError.Success or SocketError.ConnectionReset;
    }

    static byte[] Framed(byte[] payload)
    {
        var frame = new byte[payload.Length + StreamFraming.HeaderLength];
        StreamFraming.Write(frame, payload);
        return frame;
    }
}
