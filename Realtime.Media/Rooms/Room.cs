using System.Buffers.Binary;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Peers;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>
/// Participants, their tracks, and who plays what. Sans-IO and single-threaded: commands and datagrams in, datagrams and events out.
/// </summary>
public sealed partial class Room
{

    readonly PeerEnvironment environment;
    readonly Entropy entropy;
    readonly Dictionary<string, Participant> participants = [];
    readonly List<Publication> publications = [];
    readonly ForwardingTable table;
    readonly SectionBinder binder;
    bool isClosing;
    int trackChanges;

    public Room(string name, long epoch, PeerEnvironment environment, Entropy entropy, DropCounters drops)
    {
        Name = name;
        Epoch = epoch;
        this.environment = environment;
        this.entropy = entropy;
        table = new ForwardingTable(drops, Touched);
        Layers = new LayerSelection(table, Touched);
        binder = new SectionBinder(name, epoch, table, Layers, Events, Touched, Speakers);
    }

    public string Name { get; }

    public long Epoch { get; }

    public IReadOnlyCollection<Participant> Participants => participants.Values;

    public IReadOnlyList<Publication> Publications => publications;

    /// <summary>Who gets which layer.</summary>
    public LayerSelection Layers { get; }

    /// <summary>To be taken by the owner after each call.</summary>
    public Queue<MediaRoomEvent> Events { get; } = new();

    /// <summary>Participants whose part in forwarding threw: to be taken by the owner after each call.</summary>
    public Queue<(Participant Participant, Exception Exception)> Faults => table.Faults;

    /// <summary>Publishers that were asked for something on behalf of others, so that their timers changed: to be taken by the owner after each call.</summary>
    public Queue<Participant> Touched { get; } = new();

    public Participant? Find(string participant) => participants.GetValueOrDefault(participant);

    /// <summary>Null when the room is full.</summary>
    public Participant? Join(Instant now, ParticipantInfo info, PeerGrants grants, Selection? selection = null, string? token = null)
    {
        if (participants.Count >= MaxPeers) return null;
        var joined = new Participant(info, new Peer(environment, grants, entropy)) { Selection = selection ?? Selection.Everyone, Token = token };
        participants.Add(info.Participant, joined);
        hasHadPeople = true;
        Events.Enqueue(new PeerJoinedEvent(Name, Epoch, info, token));
        binder.Fill(now, joined, publications);
        TellDemands(now);
        return joined;
    }

    /// <summary>Offer in, answer out: tracks come and go, sections are bound, all before the answer is written so that it names what plays.</summary>
    public RoomNegotiation Negotiate(Instant now, Participant participant, Offer offer, IReadOnlyList<TrackLabel> labels)
    {
        if (participant.Peer.Apply(now, offer, (kind, codecs) => CodecChoice.For(kind, codecs, participant, participants.Values)) is { } error) return new RoomNegotiation(null, error);
        binder.DropLost(participant);
        var before = trackChanges;
        UnpublishEnded(participant);
        PublishNew(participant, labels);
        participant.SectionsTold = default;
        if (trackChanges == before) binder.Fill(now, participant, publications);
        else FillAll(now);
        TellState(participant);
        TellDemands(now);
        return new RoomNegotiation(participant.Peer.WriteAnswer(), null);
    }

    /// <summary>The participant comes with a new peer connection: what it published and played on the old one ends, it itself does not.</summary>
    public void Renew(Instant now, Participant participant)
    {
        foreach (var subscription in participant.Subscriptions.Values.ToList()) binder.Unbind(subscription);
        foreach (var publication in publications.Where(each => each.Publisher == participant).ToList()) Unpublish(publication);
        participant.Peer.Dispose();
        participant.Peer = new Peer(environment, participant.Peer.Grants, entropy);
        participant.SectionsTold = default;
        FillAll(now);
        TellDemands(now);
    }

    /// <summary>Ends a participant; idempotent. The freed sections of the others take what waits.</summary>
    /// <param name="outbox">For the goodbye; null when its peer cannot be trusted with one.</param>
    public void Leave(Instant now, Participant participant, string reason, Outbox? outbox, string? incident = null)
    {
        if (participant.HasLeft) return;
        participant.HasLeft = true;
        participants.Remove(participant.Id);
        if (participant.Relay is not null) ForgetRelay(participant);
        if (outbox is null) participant.Peer.Dispose();
        else participant.Peer.Close(outbox);
        foreach (var subscription in participant.Subscriptions.Values.ToList()) binder.Unbind(subscription);
        var before = trackChanges;
        foreach (var publication in publications.Where(each => each.Publisher == participant).ToList()) Unpublish(publication);
        FallSilent(participant);
        Events.Enqueue(new PeerLeftEvent(Name, Epoch, participant.Id, reason, incident));
        if (isClosing) return;
        if (trackChanges != before) FillAll(now);
        TellDemands(now);
    }

    /// <summary>One datagram from a participant. Media waits in the burst.</summary>
    public DropReason Receive(Instant now, Participant participant, in NetAddress from, Span<byte> datagram, PacketBurst burst, Outbox outbox)
    {
        var drop = participant.Peer.Receive(now, from, datagram, outbox, out var media);
        if (media.Source is not null)
        {
            drop = table.Check(media);
            if (media.Source.Track.TakeChange() && media.Source.Route != ReceiveStream.NotRouted) LayersChanged(now, table.PublicationAt(media.Source.Route));
            if (drop == DropReason.None && media.Source.Kind == SectionKind.Audio && participant.Relay is null) Listen(now, participant, media);
            if (drop == DropReason.None && !burst.TryAdd(this, participant, media)) drop = DropReason.OutboxFull;
        }

        FollowBandwidth(now, participant);
        TakeEvents(now, participant, outbox);
        return drop;
    }

    /// <inheritdoc cref="ForwardingTable.TryForward"/>
    public bool TryForward(Instant now, PacketBurst burst, ReadOnlySpan<int> frame, ref int next, Outbox outbox) => table.TryForward(now, burst, frame, ref next, outbox);

    public void Tick(Instant now, Participant participant, Outbox outbox)
    {
        participant.Peer.Tick(now, outbox);
        ReviewDemands(now, participant);
        FollowBandwidth(now, participant);
        TakeEvents(now, participant, outbox);
        if (participant is { HasLeft: false, Relay: null }) Measure(now, participant);
    }

    /// <summary>Everybody out.</summary>
    public void Close(Instant now, string reason, Outbox? outbox, string? incident = null)
    {
        isClosing = true;
        // Clients come back after a room that was closed for want of a place; not after one that was ended on purpose.
        var why = reason == LeaveReason.Closed ? reason : LeaveReason.RoomClosed;
        foreach (var participant in participants.Values.ToList()) Leave(now, participant, why, outbox, incident);
        Events.Enqueue(new RoomClosedEvent(Name, Epoch, reason, incident));
    }

    /// <summary>Everybody out without a word and without touching the tables: when the room's own state cannot be trusted.</summary>
    /// <param name="isPart">The room goes on elsewhere: only those who are here are told.</param>
    public void Abandon(string? incident, bool isPart = false)
    {
        relays.Clear();
        dialled = 0;
        foreach (var participant in participants.Values)
        {
            participant.HasLeft = true;
            participant.Peer.Dispose();
            Events.Enqueue(new PeerLeftEvent(Name, Epoch, participant.Id, LeaveReason.RoomClosed, incident));
        }

        participants.Clear();
        publications.Clear();
        if (!isPart) Events.Enqueue(new RoomClosedEvent(Name, Epoch, LeaveReason.Fault, incident));
    }

    void TakeEvents(Instant now, Participant participant, Outbox outbox)
    {
        while (participant.Peer.TryTakeEvent(now, out var e))
        {
            switch (e.Kind)
            {
                case PeerEventKind.Connected:
                    TellState(participant);
                    break;
                case PeerEventKind.ReceiversReady:
                    WishKeyframes(now, participant, outbox);
                    break;
                case PeerEventKind.TransportClosed:
                    Leave(now, participant, LeaveReason.TransportClosed, outbox);
                    return;
                case PeerEventKind.ConsentExpired:
                    Leave(now, participant, LeaveReason.ConsentExpired, outbox);
                    return;
                case PeerEventKind.KeyframeWished:
                    WishKeyframe(now, e.Stream!, outbox);
                    break;
            }
        }
    }

    /// <summary>Pictures can be shown to this participant only now: those it waits for are asked for.</summary>
    void WishKeyframes(Instant now, Participant participant, Outbox outbox)
    {
        foreach (var subscription in participant.Subscriptions.Values)
        {
            if (subscription.Stream.AwaitsKeyframe) WishKeyframe(now, subscription.Stream, outbox);
        }
    }

    void WishKeyframe(Instant now, SendStream stream, Outbox outbox)
    {
        if (stream.Track?.Carrier(0) is not { Route: not ReceiveStream.NotRouted } encoding) return;
        stream.WishKeyframe(now);
        var publisher = table.PublicationAt(encoding.Route).Publisher;
        publisher.Peer.SendKeyframeRequests(now, outbox);
        Touched.Enqueue(publisher);
    }

    /// <summary>Tracks came or went: that is everybody's matter. Who only plays is nobody's, and two thousand of them may come at once.</summary>
    void FillAll(Instant now)
    {
        foreach (var each in participants.Values) binder.Fill(now, each, publications);
    }

    void PublishNew(Participant participant, IReadOnlyList<TrackLabel> labels)
    {
        foreach (var section in participant.Peer.Negotiation.Sections)
        {
            if (section.Incoming?.Carrier(0) is not { Route: ReceiveStream.NotRouted }) continue;
            var label = labels.FirstOrDefault(each => each.Mid == section.Mid)?.Source;
            var relayed = participant.Relay?.Incoming(section.Mid);
            var publication = relayed is null
                ? new Publication(NewTrackId(), participant, section, label) { Mute = FirstMute(participant, section.Kind) }
                : Relayed(participant, section, relayed);
            publications.Add(publication);
            table.Add(publication);
            trackChanges++;
            if (relayed is null) Events.Enqueue(new PublishedEvent(Name, Epoch, publication.Info, section.Mid));
        }
    }

    void UnpublishEnded(Participant participant)
    {
        foreach (var publication in publications.Where(each => each.Publisher == participant && each.Section.Incoming != each.Media).ToList())
            Unpublish(publication);
    }

    void Unpublish(Publication publication)
    {
        foreach (var subscription in publication.Subscriptions.ToArray()) binder.Unbind(subscription);
        table.Remove(publication);
        Layers.Changed.Remove(publication);
        publications.Remove(publication);
        trackChanges++;
        foreach (var each in participants.Values)
        {
            each.Unplayable.Remove(publication);
            each.Wishes.Remove(publication);
        }

        if (publication.Publisher.Relay is null) Events.Enqueue(new UnpublishedEvent(Name, Epoch, publication.Publisher.Id, publication.Track));
    }

    void TellState(Participant participant)
    {
        if (participant.StateTold == participant.Peer.State || participant.Relay is not null) return;
        participant.StateTold = participant.Peer.State;
        Events.Enqueue(new PeerStateEvent(Name, Epoch, participant.Id, participant.StateTold.ToString().ToLowerInvariant()));
    }

    string NewTrackId()
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, entropy.NextUInt64());
        return Convert.ToHexStringLower(bytes);
    }
}
