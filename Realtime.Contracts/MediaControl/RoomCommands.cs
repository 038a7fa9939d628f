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
/// <param name="Pair">What it found to work.</param>
public sealed record ReportTransportCommand(string CommandId, string Room, long Epoch, string Participant, bool Failed, ReportedPair? Pair = null);

/// <summary>The candidate pair a client sends by, as it says itself: kinds of candidates (<c>host</c>, <c>srflx</c>, <c>prflx</c>, <c>relay</c>), no addresses.</summary>
/// <param name="Relay">The TURN server in between.</param>
public sealed record ReportedPair(string? Local, string? Remote, string? Protocol, string? Relay = null);

/// <summary>One remote address that a connectivity check proved, without the address.</summary>
/// <param name="Protocol"><c>udp</c> or <c>tcp</c>.</param>
/// <param name="Network"><c>IPv4</c> or <c>IPv6</c>, and whether it is <c>loopback</c>, <c>private</c> or <c>public</c>.</param>
/// <param name="SilentMs">Since something authentic came by it.</param>
public sealed record CandidatePathDetail(string Protocol, string Network, bool Selected, long SilentMs);

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
/// <param name="Paths">The candidate pairs that work, at most 16.</param>
/// <param name="Pair">The one in use, as the client said last.</param>
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
    IReadOnlyDictionary<string, long> Failures,
    IReadOnlyList<CandidatePathDetail>? Paths = null,
    ReportedPair? Pair = null);
