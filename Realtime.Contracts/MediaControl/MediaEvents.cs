using System.Text.Json.Serialization;

namespace Realtime.Contracts.MediaControl;

/// <summary>
/// One line of a node's event stream. <c>boot</c> changes when the process does; <c>seq</c> counts 1, 2, 3 … per stream, so a
/// reader that sees a hole reconnects and gets a snapshot, which is always the first event of a stream. A heartbeat comes every
/// 250 ms; its absence is the failure detector.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(HeartbeatEvent), "heartbeat")]
[JsonDerivedType(typeof(SnapshotEvent), "snapshot")]
[JsonDerivedType(typeof(PeerJoinedEvent), "peerJoined")]
[JsonDerivedType(typeof(PeerLeftEvent), "peerLeft")]
[JsonDerivedType(typeof(PeerStateEvent), "peerState")]
[JsonDerivedType(typeof(PublishedEvent), "published")]
[JsonDerivedType(typeof(UnpublishedEvent), "unpublished")]
[JsonDerivedType(typeof(MutedEvent), "muted")]
[JsonDerivedType(typeof(SectionsNeededEvent), "sections")]
[JsonDerivedType(typeof(SectionBoundEvent), "bound")]
[JsonDerivedType(typeof(UnplayableEvent), "unplayable")]
[JsonDerivedType(typeof(LayersWantedEvent), "layers")]
[JsonDerivedType(typeof(RoomClosedEvent), "roomClosed")]
[JsonDerivedType(typeof(SpeakersChangedEvent), "speakers")]
[JsonDerivedType(typeof(QualityChangedEvent), "quality")]
[JsonDerivedType(typeof(RoomUpdatedEvent), "roomUpdated")]
[JsonDerivedType(typeof(PeerUpdatedEvent), "peerUpdated")]
[JsonDerivedType(typeof(PeerCircuitsEvent), "circuits")]
public abstract record MediaEvent
{
    public string Boot { get; init; } = "";

    public long Seq { get; init; }
}

/// <summary>Facts about one room that the replicas pass on to the people in it.</summary>
public abstract record MediaRoomEvent(string Room, long Epoch) : MediaEvent;

public sealed record HeartbeatEvent(NodeLoad Load) : MediaEvent;

public sealed record SnapshotEvent(NodeSnapshot Snapshot) : MediaEvent;

/// <param name="Token">The <c>jti</c> an HTTP session was opened with; for the replicas alone.</param>
public sealed record PeerJoinedEvent(string Room, long Epoch, ParticipantInfo Participant, string? Token = null) : MediaRoomEvent(Room, Epoch);

public sealed record PeerLeftEvent(string Room, long Epoch, string Participant, string Reason, string? Incident = null) : MediaRoomEvent(Room, Epoch);

/// <summary>A transport's state, for the console: <c>new</c>, <c>connecting</c>, <c>connected</c>, <c>closed</c>.</summary>
public sealed record PeerStateEvent(string Room, long Epoch, string Participant, string State) : MediaRoomEvent(Room, Epoch);

/// <param name="Mid">The publisher's own section, told to the publisher alone.</param>
public sealed record PublishedEvent(string Room, long Epoch, TrackInfo Track, string Mid) : MediaRoomEvent(Room, Epoch);

public sealed record UnpublishedEvent(string Room, long Epoch, string Participant, string Track) : MediaRoomEvent(Room, Epoch);

/// <param name="Locked">True: a moderator did, and only a moderator ends it. False with <paramref name="ByModerator"/>: nothing keeps its publisher from speaking any more.</param>
public sealed record MutedEvent(string Room, long Epoch, string Participant, string Track, bool Muted, bool? ByModerator = null, bool? Locked = null) : MediaRoomEvent(Room, Epoch);

/// <param name="Participant">Whom it concerns: the subscriber.</param>
public sealed record SectionsNeededEvent(string Room, long Epoch, string Participant, int Audio, int Video) : MediaRoomEvent(Room, Epoch);

/// <param name="Participant">Whom it concerns: the subscriber.</param>
/// <param name="Publisher">Whose track plays there; absent when the section waits for reuse.</param>
public sealed record SectionBoundEvent(string Room, long Epoch, string Participant, string Mid, string? Publisher = null, string? Track = null) : MediaRoomEvent(Room, Epoch);

/// <summary>A subscriber negotiated no codec that plays this track, so it gets nothing of it.</summary>
/// <param name="Participant">Whom it concerns: the subscriber.</param>
public sealed record UnplayableEvent(string Room, long Epoch, string Participant, string Publisher, string Track, string Codec) : MediaRoomEvent(Room, Epoch);

/// <summary>What of a track somebody needs: its publisher can leave the rest unencoded.</summary>
/// <param name="Participant">Whom it concerns: the publisher.</param>
/// <param name="Wanted">Encodings of a simulcast, by rid; empty for a single stream.</param>
/// <param name="Paused">Nobody needs anything.</param>
/// <param name="MaxWidth">The largest picture that is needed of a single stream; 0 without limit.</param>
public sealed record LayersWantedEvent(string Room, long Epoch, string Participant, string Track, IReadOnlyList<string> Wanted, bool Paused, int MaxWidth, int MaxHeight) : MediaRoomEvent(Room, Epoch);

public sealed record RoomClosedEvent(string Room, long Epoch, string Reason, string? Incident = null) : MediaRoomEvent(Room, Epoch);

/// <param name="Usage">Share of the node's capacity that is taken, 0 to 1 and above: the highest of peers, packets and processor time.</param>
/// <param name="Full">It takes no new rooms until this is false again.</param>
/// <param name="Fence">Not 0: the node slept, and forwards nothing until a <see cref="RenewCommand"/> names this number.</param>
public sealed record NodeLoad(
    int Rooms, int Peers, int Tracks, long PacketsInPerSecond, long PacketsOutPerSecond, double CpuPercent, bool Draining,
    double Usage = 0, bool Full = false, long Fence = 0, ForwardingLatency? Latency = null);

public sealed record NodeSnapshot(string Node, string Boot, NodeLoad Load, IReadOnlyList<RoomSnapshot> Rooms);

/// <param name="Silenced">Who stays muted whatever they publish.</param>
public sealed record RoomSnapshot(
    string Room, long Epoch, IReadOnlyList<PeerSnapshot> Peers, IReadOnlyList<TrackInfo> Tracks, RoomSettings? Settings = null, IReadOnlyList<SilencedUser>? Silenced = null);

/// <param name="Bound">Receive sections and what plays in them.</param>
/// <param name="Token">As in <see cref="PeerJoinedEvent"/>.</param>
/// <param name="Bandwidth">Of the way down to it; absent while nothing is known of that.</param>
public sealed record PeerSnapshot(
    ParticipantInfo Participant, string State, IReadOnlyList<SectionBinding> Bound, int AudioSections, int VideoSections, string? Token = null, BandwidthReport? Bandwidth = null);

/// <summary>What a peer's way down is thought to carry, in bit/s.</summary>
/// <param name="Acknowledged">What arrives.</param>
/// <param name="Wanted">What all that it plays would take.</param>
/// <param name="Loss">Of all packets lately, 0 to 1.</param>
/// <param name="QueueMilliseconds">About how long packets wait on the way.</param>
/// <param name="IsLimited">It gets less than it asks for.</param>
public sealed record BandwidthReport(long Estimate, long Acknowledged, long Wanted, double Loss, int QueueMilliseconds, bool IsLimited);

public sealed record SectionBinding(string Mid, string Publisher, string Track);
