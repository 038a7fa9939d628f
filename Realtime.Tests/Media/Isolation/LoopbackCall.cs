using System.Net;
using System.Net.Sockets;
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

/// <summary>A real worker thread on a real port, and test peers with sockets of their own, whose clock runs faster than the wall's.</summary>
sealed class LoopbackCall : IAsyncDisposable
{
    const int ClockSpeed = 8;
    const string Room = "loopback";

    static readonly DtlsContext Context = new(DtlsClient.CreateCertificate());

    readonly Kit kit = new();
    readonly Dictionary<TestPeer, Socket> sockets = [];
    readonly Outbox outbox = new();
    readonly byte[] buffer = new byte[2048];
    readonly List<MediaRoomEvent> events = [];
    int commands;

    public LoopbackCall()
    {
        Fingerprint.TryParse($"{DtlsFingerprint.Algorithm} {Context.Certificate.Fingerprint}", out var fingerprint);
        Thread = new WorkerThread(kit.Supervisor, 0, new IPEndPoint(IPAddress.Loopback, 0), port =>
            new WorkerEnvironment(new PeerEnvironment(Context, fingerprint!, [$"1 1 udp 1 127.0.0.1 {port} typ host"]), new MediaQuotas(), kit.Guarded, Take));
    }

    public WorkerThread Thread { get; }

    public Kit Kit => kit;

    public IReadOnlyList<MediaRoomEvent> Events
    {
        get
        {
            lock (events) return [.. events];
        }
    }

    public Task StartAsync() => Thread.StartAsync(CancellationToken.None);

    public async Task<TestPeer> JoinAsync(string id, int audio, int video)
    {
        var join = new JoinPeerCommand(NextId(), Room, 1, id, $"user-{id}", id, true, true);
        var info = new ParticipantInfo(id, join.User, id, DateTimeOffset.UnixEpoch);
        Assert.Null((await Call((worker, now, box) => worker.Join(now, join, info, true, box))).Error);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var server = NetAddress.From(new IPEndPoint(IPAddress.Loopback, Thread.Port));
        var peer = new TestPeer(id, NetAddress.From((IPEndPoint)socket.LocalEndPoint!), server, new Entropy((ulong)sockets.Count + 1));
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
                while (socket.Poll(0, SelectMode.SelectRead))
                {
                    var length = socket.Receive(buffer);
                    peer.Receive(Now, buffer.AsSpan(0, length), outbox);
                }

                peer.Tick(Now, outbox);
                foreach (var entry in outbox.Entries) socket.SendTo(outbox.Payload(entry), entry.To.ToIPEndPoint());
                outbox.Clear();
            }
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await Thread.StopAsync(CancellationToken.None);
        Thread.Dispose();
        foreach (var (peer, socket) in sockets)
        {
            socket.Dispose();
            peer.Dispose();
        }

        await kit.DisposeAsync();
    }

    static Instant Now => new(MonotonicClock.Now.Nanoseconds * ClockSpeed);

    void Take(MediaRoomEvent e)
    {
        lock (events) events.Add(e);
    }

    string NextId() => $"command-{++commands}";
}
