using System.Text.Json;

namespace Realtime.Contracts.MediaControl;

/// <summary>
/// The private HTTP/2 API of a media node. Each command is a POST of its record to its route, idempotent by
/// <c>commandId</c> (the node remembers the last answers), and fenced by <c>epoch</c>: a command with a lower epoch than the
/// node's copy of the room is refused with <c>conflict</c>, one with a higher epoch closes the old copy first.
/// Errors are <see cref="RealtimeError"/> as JSON with a matching status.
/// </summary>
public static class MediaRoutes
{
    public const string Join = "/control/v1/join";
    public const string Negotiate = "/control/v1/negotiate";
    public const string SetTrack = "/control/v1/set-track";
    public const string Subscribe = "/control/v1/subscribe";
    public const string Leave = "/control/v1/leave";
    public const string CloseRoom = "/control/v1/close-room";
    public const string Open = "/control/v1/open";
    public const string Ice = "/control/v1/ice";
    public const string Drain = "/control/v1/drain";
    public const string RetireRoom = "/control/v1/retire-room";
    public const string Relay = "/control/v1/relay";
    public const string Renew = "/control/v1/renew";
    /// <summary>GET: newline-delimited <see cref="MediaEvent"/>s, for as long as the reader stays.</summary>
    public const string Events = "/control/v1/events";
    /// <summary>GET: <see cref="NodeSnapshot"/>.</summary>
    public const string Snapshot = "/control/v1/snapshot";
    /// <summary>GET: one <see cref="WorkerReport"/> per worker.</summary>
    public const string Counters = "/control/v1/counters";
}

/// <param name="Settings">For the room, when this join opens it.</param>
/// <param name="Silenced">Likewise: who was muted for good where the room was before.</param>
public sealed record JoinPeerCommand(
    string CommandId,
    string Room,
    long Epoch,
    string Participant,
    string User,
    string Name,
    bool Publish,
    bool Subscribe,
    JsonElement? Metadata = null,
    RoomSettings? Settings = null,
    IReadOnlyList<SilencedUser>? Silenced = null);

/// <summary>The room as it is with the newcomer in it (the newcomer itself included).</summary>
public sealed record JoinPeerResult(IReadOnlyList<ParticipantInfo> Participants, IReadOnlyList<TrackInfo> Tracks, RoomSettings? Settings = null);

/// <param name="Fresh">The client has joined (again) since its last offer: one with another certificate is of a new peer connection, which takes the old one's place.</param>
public sealed record NegotiatePeerCommand(
    string CommandId,
    string Room,
    long Epoch,
    string Participant,
    string Sdp,
    IReadOnlyList<TrackLabel>? Tracks = null,
    bool Fresh = false);

public sealed record NegotiatePeerResult(string Sdp);

/// <param name="Participant">Who publishes it.</param>
/// <param name="ByModerator">Somebody who may do it to others asks.</param>
/// <param name="Locked">Of a moderator's mute: only a moderator ends it; absent: as the room's settings say.</param>
public sealed record SetTrackCommand(
    string CommandId, string Room, long Epoch, string Participant, string Track, bool Muted, bool ByModerator = false, bool? Locked = null);

public sealed record SubscribeCommand(string CommandId, string Room, long Epoch, string Participant, IReadOnlyList<TrackWish> Tracks);

/// <param name="Reason">One of <see cref="LeaveReason"/>.</param>
public sealed record LeavePeerCommand(string CommandId, string Room, long Epoch, string Participant, string Reason);

public sealed record CloseRoomCommand(string CommandId, string Room, long Epoch, string Reason);

/// <summary>Accept no new rooms: signaling moves those that live here, and what is left after the node's own limit (<c>Media:DrainTimeout</c>) is closed.</summary>
/// <param name="End">Takes rooms again; a node that stops refuses.</param>
public sealed record DrainCommand(string CommandId, bool End = false);
