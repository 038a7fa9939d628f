namespace Realtime.Contracts;

/// <summary>
/// One event of <c>GET /api/admin/feed</c> (server-sent events, at most 4 per second, one JSON record per <c>data:</c> line): the
/// whole of what the console shows, as the answering replica sees it.
/// </summary>
/// <param name="Replica">Who answers.</param>
/// <param name="At">When it was taken, so that a console can tell live from stale.</param>
/// <param name="Mode"><c>normal</c>, <c>degraded</c> or <c>emergency</c>.</param>
/// <param name="ModeReasons">Names of the circuits that make the mode differ from normal.</param>
/// <param name="Connections">Open hub connections on this replica.</param>
/// <param name="Participants">Of all rooms; <c>Room</c> says which.</param>
/// <param name="Circuits">Of this replica.</param>
/// <param name="Quarantined">Who is kept out for a time, on every replica.</param>
/// <param name="Replicas">Names of the replicas that live, as far as this one knows; <c>?replica=</c> asks one of them.</param>
public sealed record AdminSnapshot(
    string Replica,
    DateTimeOffset At,
    string Mode,
    IReadOnlyList<string> ModeReasons,
    int Connections,
    IReadOnlyList<NodeInfo> Nodes,
    IReadOnlyList<RoomInfo> Rooms,
    IReadOnlyList<AdminParticipant> Participants,
    IReadOnlyList<CircuitInfo> Circuits,
    IReadOnlyList<QuarantineInfo>? Quarantined = null,
    IReadOnlyList<string>? Replicas = null);

/// <summary>One participant with the room it is in.</summary>
/// <param name="State">The transport's: <c>new</c>, <c>connecting</c>, <c>connected</c>, <c>closed</c>.</param>
/// <param name="Tracks">What it publishes.</param>
public sealed record AdminParticipant(
    string Room,
    string Participant,
    string User,
    string Name,
    string State,
    DateTimeOffset JoinedAt,
    IReadOnlyList<TrackInfo> Tracks);
