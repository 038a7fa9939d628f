namespace Realtime.Contracts;

/// <summary>One media node as the console and <c>GET /api/nodes</c> show it.</summary>
/// <param name="State"><c>live</c>, <c>draining</c> or <c>lost</c>.</param>
/// <param name="Usage">Share of its capacity that is taken, 0 to 1 and above.</param>
/// <param name="Full">It takes no new rooms for now.</param>
public sealed record NodeInfo(
    string Node, string State, string Boot, DateTimeOffset LastHeartbeat, int Rooms, int Peers, int Tracks, long PacketsInPerSecond, long PacketsOutPerSecond, double CpuPercent,
    double Usage = 0, bool Full = false, MediaControl.ForwardingLatency? Latency = null);

/// <summary>One room as <c>GET /api/rooms</c> shows it.</summary>
public sealed record RoomInfo(string Room, string Node, long Epoch, int Participants, int Tracks);

/// <summary>One room as <c>GET /api/rooms/{room}</c> shows it.</summary>
public sealed record RoomState(string Room, string Node, long Epoch, int Participants, int Tracks, RoomSettings Settings, IReadOnlyList<SilencedUser> Silenced);

/// <summary>One participant as <c>GET /api/rooms/{room}/participants</c> shows it; with <c>?statistics=true</c>, for moderators, with its connection's.</summary>
/// <param name="Quality">As told last; absent before.</param>
/// <param name="Statistics">Only when asked for.</param>
public sealed record RoomParticipantInfo(
    string Participant, string User, string Name, string State, DateTimeOffset JoinedAt, IReadOnlyList<TrackInfo> Tracks,
    ConnectionQuality? Quality = null, ParticipantStatistics? Statistics = null);

/// <summary>One circuit as <c>GET /status/circuit-breakers</c> shows it.</summary>
/// <param name="State"><c>closed</c>, <c>open</c> or <c>halfOpen</c>.</param>
/// <param name="History">Its last changes, the oldest first, at most 8; absent before the first.</param>
public sealed record CircuitInfo(
    string Name,
    string State,
    long Total,
    long Succeeded,
    long Failed,
    long Rejected,
    long Opens,
    long Closes,
    long Timeouts,
    IReadOnlyDictionary<string, long> FailuresByType,
    IReadOnlyDictionary<string, long> OpensByType,
    DateTimeOffset? OpenedAt = null,
    int? RetryAfterMs = null,
    IReadOnlyList<CircuitChange>? History = null);

/// <summary>A circuit became another one.</summary>
/// <param name="Why">The type of the error that opened it; <c>testing</c>, <c>recovered</c>, <c>reset</c>.</param>
public sealed record CircuitChange(DateTimeOffset At, string State, string Why);

/// <summary>Where <c>POST /api/rooms/{room}/move</c> leads a room; absent: to the node that is used least.</summary>
public sealed record MoveRoomRequest(string? Node = null);
