using System.Net;
using System.Net.Sockets;
using Realtime.Contracts;
using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Realtime.Media.Transport;
using Realtime.Tests.Media.Harness;

namespace Realtime.Tests.Harness;

/// <summary>
/// A <see cref="TestPeer"/> in a room of the running app: joined through the hub of a <see cref="ChatClient"/>, with a socket and a thread of its own
/// that do nothing but send and receive, so that what it sees of a pause is the media's and not a busy browser's.
/// </summary>
sealed class LivePeer : IAsyncDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    readonly Lock _gate = new();
    readonly TestPeer _peer;
    readonly Socket _socket;
    readonly Thread _thread;
    volatile bool _ending;

    LivePeer(TestPeer peer, Socket socket)
    {
        (_peer, _socket) = (peer, socket);
        _thread = new Thread(Run) { IsBackground = true, Name = $"live-{peer.Id}" };
    }

    /// <summary>Publishes a microphone and a camera, and receives as many of others.</summary>
    public static async Task<LivePeer> JoinAsync(ChatClient client, string room, int others)
    {
        var hub = await client.OnlineAsync().WaitAsync(s_patience);
        var joined = await hub.InvokeAsync<JoinRoomResult>("JoinRoom", new JoinRoomRequest(room));
        return await ConnectAsync(hub, room, joined.Epoch, joined.Participant, others);
    }

    /// <summary>A transport for a participant that is in the room, in this epoch of it.</summary>
    public static Task<LivePeer> ConnectAsync(HubClient hub, string room, long epoch, string participant, int others) =>
        ConnectAsync(participant, others, async offer => (await hub.InvokeAsync<NegotiateResult>("Negotiate", new NegotiateRequest(room, epoch, offer))).Sdp);

    /// <param name="negotiate">Brings the offer to the node and its answer back.</param>
    public static async Task<LivePeer> ConnectAsync(string participant, int others, Func<string, Task<string>> negotiate)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var peer = new TestPeer(participant, NetAddress.From((IPEndPoint)socket.LocalEndPoint!), default, new Entropy((ulong)Random.Shared.NextInt64()));
        peer.Publish(SectionKind.Audio);
        peer.Publish(SectionKind.Video);
        peer.Offer.AddReceivers(others, others);
        var answer = await negotiate(peer.Offer.ToSdp());
        // "a=candidate:1 1 udp 2130706431 127.0.0.1 40000 typ host": where the room's node listens.
        var candidate = answer.Split('\n').First(line => line.StartsWith("a=candidate:", StringComparison.Ordinal) && line.Contains(" udp ", StringComparison.Ordinal)).Split(' ');
        peer.Server = NetAddress.From(new IPEndPoint(IPAddress.Parse(candidate[4]), int.Parse(candidate[5], System.Globalization.CultureInfo.InvariantCulture)));
        peer.Accept(MonotonicClock.Now, answer);
        var live = new LivePeer(peer, socket);
        live._thread.Start();
        return live;
    }

    /// <summary>The port of the node's worker it sends to.</summary>
    public int NodePort => _peer.Server.ToIPEndPoint().Port;

    /// <summary>What its sections got, for the output of a failing test.</summary>
    public string Describe()
    {
        lock (_gate)
            return $"port {NodePort}, {(_peer.IsConnected ? "connected" : "not connected")}, {string.Join(' ', _peer.Tracks.Select(static track => $"{track.Answer.Kind}:{track.Packets.Count}"))}, sent {string.Join(' ', _peer.Sources.Select(static source => source.PacketsSent))}";
    }

    /// <summary>Media packets so far.</summary>
    public long Received
    {
        get
        {
            lock (_gate)
                return _peer.Tracks.Sum(track => (long)track.Packets.Count);
        }
    }

    /// <summary>Whether every receive section gets packets.</summary>
    public bool ReceivesAll
    {
        get
        {
            lock (_gate)
                return _peer.IsConnected && _peer.Tracks.All(track => track.Packets.Count > 0);
        }
    }

    /// <summary>When the last of its sections had its first packet; now, while one has had none.</summary>
    public Instant FirstReceivedInAll
    {
        get
        {
            lock (_gate)
                return _peer.Tracks.Select(static track => track.Packets.Count > 0 ? track.Packets[0].At : MonotonicClock.Now).DefaultIfEmpty(MonotonicClock.Now).Max();
        }
    }

    /// <summary>When the first of its sections had its last packet.</summary>
    public Instant LastReceivedInAll
    {
        get
        {
            lock (_gate)
                return _peer.Tracks.Select(static track => track.Packets.Count > 0 ? track.Packets[^1].At : Instant.Zero).DefaultIfEmpty(Instant.Zero).Min();
        }
    }

    /// <summary>Whether no packet is missing in any section since its first.</summary>
    public bool IsContinuous
    {
        get
        {
            lock (_gate)
                return _peer.Tracks.All(track => track.IsContinuous());
        }
    }

    /// <summary>The longest time between two packets of one section since then, the time since its last included.</summary>
    public TimeSpan LongestPauseSince(Instant mark)
    {
        lock (_gate)
        {
            var longest = TimeSpan.Zero;
            foreach (var track in _peer.Tracks)
            {
                var last = mark;
                foreach (var packet in track.Packets.Where(packet => packet.At > mark))
                {
                    longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, (packet.At - last).Ticks));
                    last = packet.At;
                }
                longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, (MonotonicClock.Now - last).Ticks));
            }
            return longest;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ending = true;
        await Task.Run(_thread.Join);
        _socket.Dispose();
        _peer.Dispose();
    }

    void Run()
    {
        var outbox = new Outbox();
        var buffer = new byte[2048];
        while (!_ending)
        {
            // A millisecond is finer than any source sends.
            var readable = _socket.Poll(1_000, SelectMode.SelectRead);
            lock (_gate)
            {
                while (readable)
                {
                    var length = _socket.Receive(buffer);
                    _peer.Receive(MonotonicClock.Now, buffer.AsSpan(0, length), outbox);
                    readable = _socket.Available > 0;
                }
                _peer.Tick(MonotonicClock.Now, outbox);
            }
            foreach (var entry in outbox.Entries)
                _socket.SendTo(outbox.Payload(entry), entry.To.ToIPEndPoint());
            outbox.Clear();
        }
    }
}
