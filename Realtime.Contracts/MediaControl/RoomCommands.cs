using System.Text.Json;

namespace Realtime.Contracts.MediaControl;

/// <summary>Routes about what goes on in a room; see <see cref="MediaRoutes"/>.</summary>
public static class RoomRoutes
{
    public const string SetView = "/control/v1/set-view";
    public const string SetRoom = "/control/v1/set-room";
    public const string SetParticipant = "/control/v1/set-participant";
    public const string ReportTransport = "/control/v1/report-transport";
    public const string ResetCircuit = "/control/v1/reset-circuit";
    /// <summary>GET <c>?room=</c>: <see cref="RoomDetail"/>.</summary>
    public const string Detail = "/control/v1/room";
}

/// <summary>How many videos a participant wants, and whose in any case; see <see cref="SetViewRequest"/>.</summary>
public sealed record SetViewCommand(string CommandId, string Room, long Epoch, string Participant, int? LastN, IReadOnlyList<string>? Pinned);

/// <param name="Settings">What is absent stays as it is.</param>
public sealed record SetRoomCommand(string CommandId, string Room, long Epoch, RoomSettings Settings);

public sealed record SetParticipantCommand(string CommandId, string Room, long Epoch, string Participant, JsonElement? Metadata);

/// <summary>What a client says of its transport.</summary>
/// <param name="Failed">It did not work, and ICE was restarted.</param>
public sealed record ReportTransportCommand(string CommandId, string Room, long Epoch, string Participant, bool Failed);

/// <summary>Closes the circuit of a peer's transport by hand.</summary>
public sealed record ResetCircuitCommand(string CommandId, string Circuit);

/// <summary>A room as its node sees it, without names, addresses, metadata or keys.</summary>
public sealed record RoomDetail(
    string Room, long Epoch, string Node, int Worker, RoomSettings Settings, IReadOnlyList<Speaker> Speakers, IReadOnlyList<ParticipantDetail> Participants, IReadOnlyList<TrackInfo> Tracks);

/// <param name="State">The transport's: <c>new</c>, <c>connecting</c>, <c>connected</c>, <c>closed</c>.</param>
/// <param name="Via">How it came in; absent for people on the hub.</param>
/// <param name="Pinned">How many it pins.</param>
/// <param name="Profile">What protects its media.</param>
/// <param name="Path"><c>udp</c> or <c>tcp</c>, of the selected path.</param>
/// <param name="Failures">What of its input could not be used, by kind.</param>
public sealed record ParticipantDetail(
    string Participant,
    string State,
    string? Via,
    DateTimeOffset JoinedAt,
    int? LastN,
    int Pinned,
    bool Speaking,
    int Sections,
    string? Profile,
    string? Path,
    ParticipantStatistics Statistics,
    IReadOnlyDictionary<string, long> Failures);
