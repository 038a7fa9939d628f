using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Rooms;

namespace Realtime.Media.Isolation;

/// <summary>What a worker keeps about one participant beside the participant itself: its room, its quota, and how datagrams find it.</summary>
sealed class PeerSlot(RoomSlot room, Participant participant, MediaQuotas quotas, Instant now)
{
    public const int NotListed = -1;

    public PeerQuota Quota = new(quotas, now);

    public TransportHealth Health;

    public RoomSlot Room { get; } = room;

    public Participant Participant { get; } = participant;

    /// <summary>Under which the table knows it.</summary>
    public List<UfragKey> Ufrags { get; } = [];

    public List<NetAddress> Addresses { get; } = [];

    /// <summary>Of a link: the version of its SSRCs that the table knows.</summary>
    public int RelayVersion { get; set; }

    /// <summary>What its client said last of the pair it uses.</summary>
    public ReportedPair? Pair { get; set; }

    /// <summary>Its place among the worker's timers.</summary>
    public int Index { get; set; } = NotListed;
}

/// <summary>A room and the slots of its participants.</summary>
sealed class RoomSlot(Room room)
{
    public Room Room { get; } = room;

    public Dictionary<string, PeerSlot> Peers { get; } = [];

    /// <summary>For whom code that works for the room as a whole has failed already.</summary>
    public string? FaultyUser { get; set; }

    public bool IsClosed { get; set; }

    /// <summary>The link by which this part belongs to the room is gone.</summary>
    public bool HasLostLink { get; set; }

    /// <summary>The room lives elsewhere; this copy ends then.</summary>
    public Instant RetiresAt { get; set; } = Instant.Never;
}
