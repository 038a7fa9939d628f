using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.Rooms;

namespace Realtime.Tests.Signaling.Rooms;

/// <summary>Short names for what nodes tell, all about the room <c>r</c>.</summary>
static class Facts
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly NodeLoad NoLoad = new(0, 0, 0, 0, 0, 0, false);

    public static ParticipantInfo Person(string id) => new(id, $"user-{id}", id.ToUpperInvariant(), Now);

    public static TrackInfo Track(string id, string of, bool muted = false) => new(id, of, MediaKind.Video, "VP8", muted);

    public static PeerJoinedEvent Joined(string id, long epoch = 1) => new("r", epoch, Person(id));

    public static PeerLeftEvent Left(string id, long epoch = 1) => new("r", epoch, id, LeaveReason.Left);

    public static PublishedEvent Published(string track, string of, string mid = "0", long epoch = 1) => new("r", epoch, Track(track, of), mid);

    public static LocalParticipant Local(string id, long epoch = 1) =>
        new(new RoomCaller($"s-{id}", $"user-{id}", id, Grants.None), "r", id, new Placement("r", "media-0", epoch), null);

    public static SnapshotEvent Snapshot(string boot, params RoomSnapshot[] rooms) => new(new NodeSnapshot("media-0", boot, NoLoad, rooms)) { Boot = boot, Seq = 1 };

    public static RoomSnapshot Room(IEnumerable<string> peers, IEnumerable<TrackInfo> tracks, long epoch = 1) =>
        new("r", epoch, [.. peers.Select(id => new PeerSnapshot(Person(id), "connected", [], 0, 0))], [.. tracks]);
}
