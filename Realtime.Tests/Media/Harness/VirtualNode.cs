using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Media.Ice;
using Realtime.Media.Isolation;
using Realtime.Media.Peers;
using Realtime.Media.Relay;
using Realtime.Media.Sdp;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.Media.Harness;

/// <summary>
/// A worker, a network and any number of test peers on virtual time: minutes of a call run in milliseconds, and everything follows
/// from the seed. Signaling is instantaneous: a peer that is told to offer sections does so between two datagrams.
/// </summary>
sealed partial class VirtualNode : IDisposable
{
    public const string Room = "room";
    public const long Epoch = 1;

    public static readonly NetAddress Server = NetAddress.FromIPv4(0x0A000001, 40000);
    public static readonly NetAddress SecondServer = NetAddress.FromIPv4(0x0A000001, 40001);
    static readonly DtlsContext Context = new(DtlsClient.CreateCertificate());

    readonly Entropy entropy;
    readonly Outbox serverOutbox = new();
    readonly Outbox peerOutbox = new();
    readonly Dictionary<string, TestPeer> peers = [];
    readonly Queue<SectionsNeededEvent> wishes = new();
    readonly Dictionary<string, bool> isOnSecond = [];
    readonly Kit kit = new();
    int commands;

    public VirtualNode(ulong seed, LinkConditions? conditions = null, MediaQuotas? quotas = null)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        entropy = new Entropy(seed);
        Link = new LinkEmulator(new Entropy(seed + 1)) { Conditions = conditions ?? LinkConditions.Perfect };
        Fingerprint.TryParse($"{DtlsFingerprint.Algorithm} {Context.Certificate.Fingerprint}", out var fingerprint);
        var environment = new PeerEnvironment(Context, fingerprint!, ["1 1 udp 1 10.0.0.1 40000 typ host"]);
        Circuits = new CircuitRegistry(new VirtualTime(() => Now));
        Worker = new Worker(new WorkerEnvironment(environment, quotas ?? new MediaQuotas(), kit.Guarded, Take) { Circuits = Circuits }, new Entropy(seed + 2), Counters);
        var second = environment with { Candidates = ["1 1 udp 1 10.0.0.1 40001 typ host"] };
        Second = new Worker(new WorkerEnvironment(second, quotas ?? new MediaQuotas(), kit.Guarded, Take) { Index = 1, Circuits = Circuits }, new Entropy(seed + 3), SecondCounters);
    }

    public Instant Now { get; private set; } = Instant.FromMilliseconds(1000);

    public Worker Worker { get; }

    public WorkerCounters Counters { get; } = new();

    /// <summary>Of the peers' transports, on virtual time.</summary>
    public CircuitRegistry Circuits { get; }

    /// <summary>Another worker of the node, for rooms in two parts; nobody is on it unless a test joins them there.</summary>
    public Worker Second { get; }

    public WorkerCounters SecondCounters { get; } = new();

    public LinkEmulator Link { get; }

    /// <summary>What the worker allocated while it received and ticked.</summary>
    public long Allocated { get; set; }

    /// <summary>All that the node told, in order.</summary>
    public List<MediaRoomEvent> Events { get; } = [];

    public IReadOnlyList<CrashReport> TakeCrashReports() => kit.TakeReports();

    /// <summary>Whether a peer that is told how many sections are needed offers them.</summary>
    public bool OffersWhenTold { get; set; } = true;

    public IEnumerable<T> Told<T>(string? participant = null)
        where T : MediaRoomEvent => Events.OfType<T>().Where(e => participant is null || ParticipantOf(e) == participant);

    public TestPeer Join(string id, bool publish = true, bool subscribe = true, string room = Room, TimeSpan clockShift = default, IReadOnlyList<Codec>? codecs = null, bool tellsSsrcs = true, bool onSecond = false)
    {
        var command = new JoinPeerCommand(NextId(), room, Epoch, id, $"user-{id}", id, publish, subscribe);
        isOnSecond[id] = onSecond;
        var reply = WorkerOf(id).Join(Now, command, new ParticipantInfo(id, command.User, id, DateTimeOffset.UnixEpoch), admitNewRooms: true, serverOutbox);
        Assert.Null(reply.Error);
        Flush(id);
        return NewPeer(id, clockShift, codecs, tellsSsrcs);
    }

    /// <summary>What lies in the server's buffers from before.</summary>
    public void Fill(byte canary) => serverOutbox.Slab.AsSpan().Fill(canary);

    /// <summary>What a peer does by hand: its datagrams go out.</summary>
    public void Act(TestPeer peer, Action<Outbox> action)
    {
        action(peerOutbox);
        Flush(peer);
    }

    /// <summary>A datagram to the server from anywhere.</summary>
    public void Inject(NetAddress from, byte[] datagram)
    {
        Worker.Receive(Now, from, datagram, serverOutbox);
        Flush();
    }

    public void Run(TimeSpan time) => RunUntil(() => false, time);

    /// <summary>Runs until the condition holds; false when the time is over before.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var end = Now + limit;
        while (!condition())
        {
            var next = Instant.Min(Instant.Min(Worker.NextDeadline, Second.NextDeadline), Link.NextDeadline);
            foreach (var peer in peers.Values) next = Instant.Min(next, peer.NextDeadline);
            if (next > end)
            {
                Now = end;
                return condition();
            }

            if (next > Now) Now = next;
            Step();
        }

        return true;
    }

    TestPeer NewPeer(string id, TimeSpan clockShift = default, IReadOnlyList<Codec>? codecs = null, bool tellsSsrcs = true)
    {
        var address = NetAddress.FromIPv4(0x0A000100 + (uint)peers.Count, (ushort)(5000 + peers.Count));
        // Every other peer has ids of its own for the extensions, beyond what the one-byte form holds.
        var peer = new TestPeer(id, address, isOnSecond.GetValueOrDefault(id) ? SecondServer : Server, new Entropy(entropy.NextUInt64()), peers.Count % 2 * 5, codecs, tellsSsrcs) { ClockShift = clockShift };
        peers.Add(id, peer);
        return peer;
    }

    public void Dispose()
    {
        foreach (var peer in peers.Values) peer.Dispose();
        Worker.Close(Now, "test", serverOutbox);
        Second.Close(Now, "test", serverOutbox);
    }

    /// <summary>Joins the room's parts on both workers by a link that the second dials, as the node does when a room outgrows a worker.</summary>
    public string Relay(string room = Room)
    {
        var bytes = new byte[RelayKeys.Length];
        entropy.Fill(bytes);
        var (ends, link) = (IceCredentials.Create(entropy), $"link-{NextId()}");
        var command = new RelayCommand(NextId(), room, Epoch, link, Convert.ToBase64String(bytes), ends.Ufrag, ends.Password, entropy.NextUInt32() | 1, entropy.NextUInt32() | 1);
        Assert.Null(Worker.Relay(Now, command, serverOutbox).Error);
        Flush();
        Assert.Null(Second.Relay(Now, command with { OwnSsrc = command.RemoteSsrc, RemoteSsrc = command.OwnSsrc, Dial = Server.ToIPEndPoint().ToString() }, serverOutbox).Error);
        Flush(SecondServer);
        return link;
    }

    /// <summary>
    /// Runs on in ten windows: the fewest bytes the worker allocated in one. A collection that another test causes counts up to 8 KB to a window now
    /// and then (see Allocation); what packets cost would show in all of them.
    /// </summary>
    public long LeastAllocated(TimeSpan duration)
    {
        var least = long.MaxValue;
        for (var window = 0; window < 10; window++)
        {
            Allocated = 0;
            Run(duration / 10);
            least = Math.Min(least, Allocated);
        }
        return least;
    }

    // Not when a collection ran meanwhile: see Allocation.
    void CountAllocated(long before, int collections)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        if (GC.CollectionCount(0) == collections) Allocated += bytes;
    }

    void Step()
    {
        while (Link.TryDeliver(Now, out var flight))
        {
            if (flight.To == Server)
            {
                var collections = GC.CollectionCount(0);
                var before = GC.GetAllocatedBytesForCurrentThread();
                Worker.Receive(Now, flight.From, flight.Datagram, serverOutbox);
                CountAllocated(before, collections);
                Flush();
            }
            else if (flight.To == SecondServer)
            {
                Second.Receive(Now, flight.From, flight.Datagram, serverOutbox);
                Flush(SecondServer);
            }
            else if (peers.Values.FirstOrDefault(peer => peer.Address == flight.To) is { } peer)
            {
                peer.Receive(Now, flight.Datagram, peerOutbox);
                Flush(peer);
            }
        }

        var collectionsBefore = GC.CollectionCount(0);
        var beforeTick = GC.GetAllocatedBytesForCurrentThread();
        Worker.Tick(Now, serverOutbox);
        CountAllocated(beforeTick, collectionsBefore);
        Flush();
        Second.Tick(Now, serverOutbox);
        Flush(SecondServer);
        Serve();
        foreach (var peer in peers.Values)
        {
            if (peer.NextDeadline > Now) continue;
            peer.Tick(Now, peerOutbox);
            Flush(peer);
        }
    }

    void Take(MediaRoomEvent e)
    {
        Events.Add(e);
        if (e is SectionsNeededEvent needed) wishes.Enqueue(needed);
    }

    void Serve()
    {
        while (wishes.TryDequeue(out var wish))
        {
            if (!OffersWhenTold || !peers.TryGetValue(wish.Participant, out var peer) || Told<PeerLeftEvent>(peer.Id).Any()) continue;
            var receiving = peer.Offer.Sections.Where(section => section is { IsStopped: false, Direction: MediaDirection.RecvOnly or MediaDirection.SendRecv }).ToList();
            var audio = wish.Audio - receiving.Count(section => section.Kind == SectionKind.Audio);
            var video = wish.Video - receiving.Count(section => section.Kind == SectionKind.Video);
            if (audio <= 0 && video <= 0) continue;
            peer.Offer.AddReceivers(Math.Max(0, audio), Math.Max(0, video));
            Negotiate(peer, wish.Room);
        }
    }

    Worker WorkerOf(string peer) => isOnSecond.GetValueOrDefault(peer) ? Second : Worker;

    void Flush(string peer) => Flush(isOnSecond.GetValueOrDefault(peer) ? SecondServer : Server);

    void Flush() => Flush(Server);

    void Flush(NetAddress from)
    {
        foreach (var entry in serverOutbox.Entries) Link.Send(Now, from, entry.To, serverOutbox.Payload(entry));
        serverOutbox.Clear();
    }

    void Flush(TestPeer peer)
    {
        foreach (var entry in peerOutbox.Entries) Link.Send(Now, peer.Address, entry.To, peerOutbox.Payload(entry));
        peerOutbox.Clear();
    }

    string NextId() => $"command-{++commands}";

    static string? ParticipantOf(MediaRoomEvent e) => e switch
    {
        PeerJoinedEvent joined => joined.Participant.Participant,
        PeerLeftEvent left => left.Participant,
        PeerStateEvent state => state.Participant,
        PublishedEvent published => published.Track.Participant,
        UnpublishedEvent unpublished => unpublished.Participant,
        MutedEvent muted => muted.Participant,
        SectionsNeededEvent needed => needed.Participant,
        SectionBoundEvent bound => bound.Participant,
        UnplayableEvent unplayable => unplayable.Participant,
        LayersWantedEvent layers => layers.Participant,
        QualityChangedEvent quality => quality.Participant,
        PeerUpdatedEvent updated => updated.Participant.Participant,
        _ => null,
    };
}
