namespace Realtime.Contracts;

/// <summary>Names of the server-to-client events of the hub.</summary>
public static class HubEvent
{
    public const string MessageCreated = "messageCreated";
    public const string MessageUpdated = "messageUpdated";
    public const string MessageDeleted = "messageDeleted";
    public const string Typing = "typing";
    public const string Presence = "presence";
    public const string Friend = "friend";
    public const string ReadMark = "readMark";
    public const string Moderated = "moderated";
    public const string MemberJoined = "memberJoined";
    public const string MemberLeft = "memberLeft";
    public const string ParticipantJoined = "participantJoined";
    public const string ParticipantLeft = "participantLeft";
    public const string TrackPublished = "trackPublished";
    public const string TrackUnpublished = "trackUnpublished";
    public const string TrackMuted = "trackMuted";
    public const string TrackUnplayable = "trackUnplayable";
    public const string Sections = "sections";
    public const string Bound = "bound";
    public const string Layers = "layers";
    public const string Moved = "moved";
    public const string Lag = "lag";
    public const string Gap = "gap";
    public const string Mode = "mode";
    public const string Closing = "closing";
    public const string AccessLost = "accessLost";
}

public sealed record MemberJoinedEvent(string Channel, string User, string Name);

public sealed record MemberLeftEvent(string Channel, string User, string Name);

public sealed record ParticipantJoinedEvent(string Room, long Epoch, ParticipantInfo Participant);

/// <param name="Reason">One of <see cref="LeaveReason"/>.</param>
public sealed record ParticipantLeftEvent(string Room, long Epoch, string Participant, string Reason);

/// <param name="Mid">Set for the publisher alone: the section of its own offer that the track is.</param>
public sealed record TrackPublishedEvent(string Room, long Epoch, TrackInfo Track, string? Mid = null);

public sealed record TrackUnpublishedEvent(string Room, long Epoch, string Participant, string Track);

/// <param name="ByModerator">True: a moderator did it, or ended it.</param>
/// <param name="Locked">True: only a moderator ends it.</param>
public sealed record TrackMutedEvent(string Room, long Epoch, string Participant, string Track, bool Muted, bool? ByModerator = null, bool? Locked = null);

/// <summary>Nothing of this track will come: the client negotiated no codec that plays it. Told once per track, to the one concerned.</summary>
/// <param name="Participant">Who publishes it.</param>
public sealed record TrackUnplayableEvent(string Room, long Epoch, string Participant, string Track, string Codec);

/// <summary>How many receive sections of each kind the client's next offer must contain in total.</summary>
public sealed record SectionsEvent(string Room, long Epoch, int Audio, int Video);

/// <summary>What plays in a receive section from now on. Participant and track are absent when it fell silent and waits for reuse.</summary>
public sealed record BoundEvent(string Room, long Epoch, string Mid, string? Participant = null, string? Track = null);

/// <summary>What of one's own track somebody needs at the moment: the rest need not be encoded. Told when it changes.</summary>
/// <param name="Wanted">Encodings of a simulcast, by rid; empty for a single stream.</param>
/// <param name="Paused">Nobody needs anything of it.</param>
/// <param name="MaxWidth">Of a single stream: the largest picture that is needed, absent without limit.</param>
public sealed record LayersEvent(string Room, long Epoch, string Track, IReadOnlyList<string> Wanted, bool Paused, int? MaxWidth = null, int? MaxHeight = null);

/// <summary>The room's copy on another node is now the live one: offer again there.</summary>
/// <param name="Lost">True: the node it was on is gone, so nothing that is sent there reaches anybody.</param>
public sealed record MovedEvent(string Room, long Epoch, bool? Lost = null);

/// <summary>This reader fell behind after <c>From</c>; the events follow as it catches up.</summary>
public sealed record LagEvent(string Channel, long From);

/// <summary>The events <c>From</c>..<c>To</c> can no longer be delivered live: read history.</summary>
public sealed record GapEvent(string Channel, long From, long To);

public sealed record ModeEvent(string Mode, DateTimeOffset Since, IReadOnlyList<string> Works, IReadOnlyList<string> Refused);

/// <param name="Code">A <see cref="CloseCode"/> as a number.</param>
public sealed record ClosingEvent(int Code, bool Reconnect, int AfterMs, string? Incident = null);

/// <summary>The session may not be in this channel, or this room, any more (a newer token, a kick, a ban, a membership that ended) and has left it.</summary>
public sealed record AccessLostEvent(string? Channel = null, string? Room = null);
