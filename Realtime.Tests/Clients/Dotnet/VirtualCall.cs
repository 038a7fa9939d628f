using Realtime.Client.Media;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Media.Isolation;
using Realtime.Media.Peers;
using Realtime.Media.Sdp;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Tests.CrashSafety;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Clients.Dotnet;

/// <summary>A worker, a network and the .NET client's own peers on virtual time. Signaling is instantaneous.</summary>
sealed class VirtualCall : IDisposable
{
    const string Room = "room";
    const long Epoch = 1;
    static readonly NetAddress s_server = NetAddress.FromIPv4(0x0A000001, 40000);
    static readonly DtlsContext s_context = new(Realtime.Tests.Media.Harness.DtlsClient.CreateCertificate());

    readonly Outbox _outbox = new();
    readonly List<Member> _members = [];
    readonly Queue<MediaRoomEvent> _told = new();
    readonly Worker _worker;
    readonly LinkEmulator _link;
    readonly Entropy _entropy;
    int _commands;

    public VirtualCall(ulong seed, LinkConditions conditions)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        _entropy = new Entropy(seed);
        _link = new LinkEmulator(new Entropy(seed + 1)) { Conditions = conditions };
        Fingerprint.TryParse($"{DtlsFingerprint.Algorithm} {s_context.Certificate.Fingerprint}", out var fingerprint);
        var environment = new PeerEnvironment(s_context, fingerprint!, ["1 1 udp 1 10.0.0.1 40000 typ host"]);
        _worker = new Worker(
            new WorkerEnvironment(environment, new MediaQuotas(), new Kit().Guarded, _told.Enqueue) { Circuits = new CircuitRegistry(new VirtualTime(() => Now)) }, new Entropy(seed + 2), new WorkerCounters());
    }

    public Instant Now { get; private set; } = Instant.FromMilliseconds(1000);

    /// <summary>All that goes to or comes from a member.</summary>
    public void Unplug(Member member) => _link.Unplugged.Add(member.Address);

    public void Plug(Member member) => _link.Unplugged.Remove(member.Address);

    public Member Join(string id, params MediaKind[] publishes)
    {
        var command = new JoinPeerCommand(NextId(), Room, Epoch, id, id, id, true, true);
        Assert.Null(_worker.Join(Now, command, new ParticipantInfo(id, id, id, DateTimeOffset.UnixEpoch), admitNewRooms: true, _outbox).Error);
        Flush();
        var member = new Member(id, NetAddress.FromIPv4(0x0A000100 + (uint)_members.Count, 5000), new Entropy(_entropy.NextUInt64()));
        foreach (var kind in publishes)
            member.Sending.Add(member.Peer.AddSending(kind));
        member.Peer.Receive(MediaKind.Audio, 1);
        _members.Add(member);
        Negotiate(member);
        return member;
    }

    public void Negotiate(Member member)
    {
        var reply = _worker.Negotiate(Now, new NegotiatePeerCommand(NextId(), Room, Epoch, member.Id, member.Peer.Offer()), _outbox);
        Assert.Null(reply.Error);
        Flush();
        member.Peer.Accept(Now, reply.Value!.Sdp);
        Serve();
    }

    public bool Write(Member member, int section, EncodedFrame frame)
    {
        var sent = member.Peer.Write(Now, member.Sending[section], frame, member.Outbox);
        Flush(member);
        return sent;
    }

    public void Run(TimeSpan time) => Assert.False(RunUntil(static () => false, time));

    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var end = Now + limit;
        while (!condition())
        {
            var next = Instant.Min(_worker.NextDeadline, _link.NextDeadline);
            foreach (var member in _members)
                next = Instant.Min(next, member.Peer.NextDeadline);
            if (next > end)
            {
                Now = end;
                return condition();
            }
            Now = next > Now ? next : Now;
            Step();
        }
        return true;
    }

    public void Dispose()
    {
        foreach (var member in _members)
            member.Peer.Dispose();
        _worker.Close(Now, "test", _outbox);
    }

    void Step()
    {
        while (_link.TryDeliver(Now, out var flight))
        {
            if (flight.To == s_server)
            {
                _worker.Receive(Now, flight.From, flight.Datagram, _outbox);
                Flush();
            }
            else if (_members.Find(member => member.Address == flight.To) is { } member)
            {
                member.Peer.Receive(Now, flight.From, flight.Datagram, member.Outbox);
                Flush(member);
            }
        }
        _worker.Tick(Now, _outbox);
        Flush();
        Serve();
        foreach (var member in _members.Where(member => member.Peer.NextDeadline <= Now))
        {
            member.Peer.Tick(Now, member.Outbox);
            Flush(member);
        }
    }

    void Serve()
    {
        while (_told.TryDequeue(out var told))
        {
            if (told is SectionsNeededEvent needed && _members.Find(member => member.Id == needed.Participant) is { } member)
            {
                if (member.Peer.Receive(MediaKind.Audio, needed.Audio) | member.Peer.Receive(MediaKind.Video, needed.Video))
                    Negotiate(member);
            }
            else if (told is SectionBoundEvent { Track: { } track } bound)
                _members.Find(one => one.Id == bound.Participant)?.Bound.Add(bound.Mid, track);
        }
    }

    void Flush()
    {
        foreach (var entry in _outbox.Entries)
            _link.Send(Now, s_server, entry.To, _outbox.Payload(entry));
        _outbox.Clear();
    }

    void Flush(Member member)
    {
        foreach (var entry in member.Outbox.Entries)
            _link.Send(Now, member.Address, entry.To, member.Outbox.Payload(entry));
        member.Outbox.Clear();
    }

    string NextId() => $"command-{++_commands}";

    public sealed class Member
    {
        public Member(string id, NetAddress address, Entropy entropy)
        {
            (Id, Address) = (id, address);
            Peer = new ClientPeer(entropy, (mid, frame) => Frames.Add((mid, frame)));
        }

        public string Id { get; }

        public NetAddress Address { get; }

        public ClientPeer Peer { get; }

        public Outbox Outbox { get; } = new();

        public List<MediaSection> Sending { get; } = [];

        /// <summary>Section → track.</summary>
        public Dictionary<string, string> Bound { get; } = [];

        public List<(string Mid, EncodedFrame Frame)> Frames { get; } = [];

        public IEnumerable<EncodedFrame> Of(MediaKind kind) => Frames.Where(one => Peer.Sections.First(section => section.Mid == one.Mid).IsVideo == (kind == MediaKind.Video)).Select(static one => one.Frame);
    }
}
