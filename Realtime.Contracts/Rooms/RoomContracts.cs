using System.Text.Json;
using System.Text.Json.Serialization;

namespace Realtime.Contracts;

public enum MediaKind
{
    Audio,
    Video,
}

/// <param name="Participant">Id of this presence in this room; one user with two devices is two participants.</param>
/// <param name="Via">One of <see cref="JoinedVia"/>; absent for people on the hub.</param>
public sealed record ParticipantInfo(string Participant, string User, string Name, DateTimeOffset JoinedAt, JsonElement? Metadata = null, string? Via = null)
{
    /// <summary>Only watches: the people in the room are not told of it.</summary>
    [JsonIgnore]
    public bool IsViewer => Via == JoinedVia.Whep;
}

/// <summary>How a participant that is not on the hub came into the room.</summary>
public static class JoinedVia
{
    /// <summary>Publishes (RFC 9725).</summary>
    public const string Whip = "whip";
    /// <summary>Plays (draft-ietf-wish-whep).</summary>
    public const string Whep = "whep";
}

/// <param name="Participant">Who publishes it.</param>
/// <param name="MutedByModerator">True: not, or not only, its publisher muted it.</param>
/// <param name="Locked">True: only a moderator ends that.</param>
public sealed record TrackInfo(
    string Track, string Participant, MediaKind Kind, string Codec, bool Muted, string? Source = null, bool? MutedByModerator = null, bool? Locked = null);

public sealed record IceServer(IReadOnlyList<string> Urls, string? Username = null, string? Credential = null);

/// <param name="Sdp">The answer, when the request carried an offer.</param>
/// <param name="Settings">The room's, as they are now.</param>
public sealed record JoinRoomResult(
    string Room,
    long Epoch,
    string Participant,
    IReadOnlyList<IceServer> IceServers,
    IReadOnlyList<ParticipantInfo> Participants,
    IReadOnlyList<TrackInfo> Tracks,
    string? Sdp = null,
    RoomSettings? Settings = null);

/// <summary>Why a participant is no longer in a room.</summary>
public static class LeaveReason
{
    /// <summary>It asked to.</summary>
    public const string Left = "left";
    /// <summary>Its transport ended: close_notify, TCP close.</summary>
    public const string TransportClosed = "transportClosed";
    /// <summary>Consent expired: it has been silent for 30 s.</summary>
    public const string ConsentExpired = "consentExpired";
    /// <summary>Its session's lease ended without a resume.</summary>
    public const string SessionEnded = "sessionEnded";
    /// <summary>A fault was contained to this peer; the crash report says which.</summary>
    public const string Fault = "fault";
    /// <summary>It broke a quota.</summary>
    public const string Quota = "quota";
    public const string RoomClosed = "roomClosed";
    /// <summary>A moderator removed it.</summary>
    public const string Kicked = "kicked";
    /// <summary>A moderator ended the call for everybody.</summary>
    public const string Closed = "closed";
    /// <summary>Too much of what came from it could not be used: its circuit opened.</summary>
    public const string CircuitOpen = "circuitOpen";
}
