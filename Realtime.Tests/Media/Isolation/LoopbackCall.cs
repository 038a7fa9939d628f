using System.Net;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Media.Isolation;
using Realtime.Media.Peers;
using Realtime.Media.Sdp;
using Realtime.Media.Transport;
using Realtime.Tests.CrashSafety;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Isolation;

/// <summary>A real worker thread on real ports, and test peers with UDP or TCP sockets of their own, whose clock runs faster than the wall's.</summary>
sealed class LoopbackCall : IAsyncDisposable
{
    const int ClockSpeed = 8;
    const string Room = "loopback";

    static readonly DtlsContext Context = new(DtlsClient.CreateCertificate());

    readonly Kit kit = new();
    readonly Dictionary<TestPeer, PeerSocket> sockets = [];
    readonly WorkerFleet fleet;
    readonly Outbox outbox = new();
    readonly List<MediaRoomEvent> events = [];
    int commands;

    public LoopbackCall(EdgeKind edge = EdgeKind.Auto, int workers = 1, bool udp = true, TcpLimits? limits = null)
    {
        Fingerprint.TryParse($"{DtlsFingerprint.Algorithm} {Context.Certificate.Fingerprint}", out var fingerprint);
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        fleet = new WorkerFleet(
            new FleetOptions(workers, udp ? any : null, any) { Edge = edge, TcpLimits = limits ?? new TcpLimits() }, kit.Supervisor,
            (_, _) => new PeerEnvironment(Context, fingerprint!, ["1 1 udp 1 127.0.0.1 9 typ host"]), (_, e) => Take(e));
    }

    public WorkerThread Thread => fleet.For(Room);

    public WorkerFleet Fleet => fleet;

    public Kit Kit => kit;

    public IReadOnlyList<MediaRoomEvent> Events
    {
        get
        {
            lock (events) return [.. events];
        }
    }

    public Task StartAsync() => fleet.StartAsync(CancellationToken.None);

    public async Task<TestPeer> JoinAsync(string id, int audio, int video, bool tcp = false)
    {
        var join = new JoinPeerCommand(NextId(), Room, 1, id, $"user-{id}", id, true, true);
        var info = new ParticipantInfo(id, join.User, id, DateTimeOffset.UnixEpoch);
        Assert.Null((await Call((worker, now, box) => worker.Join(now, join, info, true, box))).Error);
        var socket = PeerSocket.Open(new IPEndPoint(IPAddress.Loopback, tcp ? fleet.Tcp!.Port : Thread.Port), tcp);
        var server = NetAddress.From(socket.Server);
        var peer = new TestPeer(id, NetAddress.From(socket.Local), server, new Entropy((ulong)sockets.Count + 1))
        {
            // Its clock runs faster than the worker's: by its word every link would be full.
            GivesFeedback = false,
        };
        sockets.Add(peer, socket);
        peer.Publish(SectionKind.Audio);
        peer.Publish(SectionKind.Video);
        peer.Offer.AddReceivers(audio, video);
        var negotiate = new NegotiatePeerCommand(NextId(), Room, 1, id, peer.Offer.ToSdp());
        peer.Accept(Now, (await Call((worker, now, box) => worker.Negotiate(now, negotiate, box))).Value!.Sdp);
        return peer;
    }

    public Task<T> Call<T>(Func<Worker, Instant, Outbox, T> work) => Thread.Mailbox.TryCall(work)!.WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Drives the peers until the condition holds; false when that takes unreasonably long.</summary>
    public bool PumpUntil(Func<bool> condition)
    {
        var giveUp = MonotonicClock.Now + TimeSpan.FromSeconds(60);
        while (!condition())
        {
            if (MonotonicClock.Now > giveUp) return false;
            foreach (var (peer, socket) in sockets)
            {
                while (socket.TryReceive(out var datagram)) peer.Receive(Now, datagram, outbox);
                peer.Tick(Now, outbox);
                foreach (var entry in outbox.Entries) socket.Send(outbox.Payload(entry));
                outbox.Clear();
            }
        }

        return true;
    }

    /// <summary>
    /// What the worker's thread allocates while it sends a thousand packets, once it is warm. The least of fifteen times: a collection, which the peers'
    /// own garbage causes, counts up to 8 KB to a window (see Allocation); one byte per packet would show in all.
    /// </summary>
    public long LeastAllocated()
    {
        var least = long.MaxValue;
        AllocatedWhileSending(5_000);
        for (var window = 0; window < 15; window++) least = Math.Min(least, AllocatedWhileSending(1_000));
        return least;
    }

    public async ValueTask DisposeAsync()
    {
        await fleet.StopAsync(CancellationToken.None);
        fleet.Dispose();
        foreach (var (peer, socket) in sockets)
        {
            socket.Dispose();
            peer.Dispose();
        }

        await kit.DisposeAsync();
    }

    /// <summary>The peer's own end, for doing to it what networks do.</summary>
    public PeerSocket SocketOf(TestPeer peer) => sockets[peer];

    static Instant Now => new(MonotonicClock.Now.Nanoseconds * ClockSpeed);

    long AllocatedWhileSending(int datagrams)
    {
        var sent = Thread.PortCounters.SentDatagrams;
        var allocated = Volatile.Read(ref Thread.Counters.AllocatedBytes);
        Assert.True(PumpUntil(() => Thread.PortCounters.SentDatagrams - sent > datagrams));
        return Volatile.Read(ref Thread.Counters.AllocatedBytes) - allocated;
    }

    void Take(MediaRoomEvent e)
    {
        lock (events) events.Add(e);
    }

    string NextId() => $"command-{++commands}";
}
