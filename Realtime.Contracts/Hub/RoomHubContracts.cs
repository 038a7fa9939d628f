using System.Text.Json;

namespace Realtime.Contracts;

/// <summary>Names of the events about what goes on in a call.</summary>
public static class RoomHubEvent
{
    public const string Speakers = "speakers";
    public const string Quality = "quality";
    public const string RoomUpdated = "roomUpdated";
    public const string ParticipantUpdated = "participantUpdated";
}

/// <param name="Level">How loud, from 0 to 1.</param>
public sealed record Speaker(string Participant, double Level);

/// <summary>Who speaks now, whoever leads first; nobody: an empty list. At most four times a second.</summary>
public sealed record SpeakersEvent(string Room, long Epoch, IReadOnlyList<Speaker> Speakers);

/// <summary>A participant's connection became better or worse. In rooms of more than 100 only the participant itself is told.</summary>
/// <param name="Quality">One of <see cref="QualityLevel"/>.</param>
/// <param name="Reason">One of <see cref="QualityReason"/>; absent when all is good.</param>
/// <param name="Direction">One of <see cref="LinkDirection"/>; absent when all is good.</param>
public sealed record QualityEvent(string Room, long Epoch, string Participant, QualityLevel Quality, string? Reason = null, string? Direction = null);

/// <summary>The room's settings, all of them, after a change.</summary>
public sealed record RoomChangedEvent(string Room, long Epoch, RoomSettings Settings);

public sealed record ParticipantUpdatedEvent(string Room, long Epoch, ParticipantInfo Participant);

/// <summary>Holds in this copy of the room: who is led to another one (<c>moved</c>) says it again there.</summary>
/// <param name="LastN">Videos of others at most, beyond the pinned ones: those who spoke last; absent: as the room's settings say. 0 with nothing pinned: none.</param>
/// <param name="Pinned">Participants or tracks that are shown whoever speaks, the most important first; at most 16.</param>
public sealed record SetViewRequest(string? Room, int? LastN = null, IReadOnlyList<string>? Pinned = null);

/// <param name="Participant">Absent: oneself. Others: moderators only.</param>
public sealed record SetParticipantRequest(string? Room, JsonElement? Metadata, string? Participant = null);

/// <summary>Moderators only.</summary>
/// <param name="Settings">What is absent stays as it is.</param>
public sealed record SetRoomRequest(string? Room, RoomSettings? Settings);

/// <summary>Mutes somebody else's track, or ends that; moderators only. Nobody is unmuted who muted themselves.</summary>
/// <param name="Locked">True: only a moderator ends it; absent: as the room's settings say.</param>
public sealed record MuteTrackRequest(string? Room, string? Track, bool? Muted, bool? Locked = null);

/// <summary>Removes somebody from the call; moderators only.</summary>
public sealed record KickParticipantRequest(string? Room, string? Participant, string? Reason = null);

/// <summary>Ends the call for everybody; moderators only.</summary>
public sealed record CloseRoomRequest(string? Room, string? Reason = null);
