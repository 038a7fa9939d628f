using Realtime.Contracts;

namespace Realtime.Client.Rooms;

/// <summary>Something that happened in a room.</summary>
public abstract record RoomEvent
{
    private protected RoomEvent()
    {
    }
}

public sealed record CallStateChanged(CallState State, RealtimeException? Error = null) : RoomEvent;

public sealed record ParticipantJoined(ParticipantInfo Participant) : RoomEvent;

/// <param name="Reason">One of <see cref="LeaveReason"/>.</param>
public sealed record ParticipantLeft(ParticipantInfo Participant, string Reason) : RoomEvent;

/// <summary>Their metadata is another now.</summary>
public sealed record ParticipantUpdated(ParticipantInfo Participant) : RoomEvent;

/// <summary>Somebody, or we, publish a track. Whether and where it plays here, <see cref="Room.Tracks"/> says.</summary>
public sealed record TrackPublished(TrackInfo Track) : RoomEvent;

public sealed record TrackUnpublished(string Participant, string Track) : RoomEvent;

public sealed record TrackMuted(TrackMutedEvent Mute) : RoomEvent;

/// <summary>A track that will not come: we cannot play its codec.</summary>
public sealed record TrackUnplayable(TrackUnplayableEvent Track) : RoomEvent;

/// <summary>Who speaks now, whoever leads first.</summary>
public sealed record SpeakersChanged(IReadOnlyList<Speaker> Speakers) : RoomEvent;

/// <summary>Somebody's connection, or ours, became better or worse, and why.</summary>
public sealed record QualityChanged(QualityEvent Quality) : RoomEvent;

/// <summary>What the room is set to, after the join and after a change.</summary>
public sealed record SettingsChanged(RoomSettings Settings) : RoomEvent;

public enum CallState
{
    /// <summary>In the room; media is on its way.</summary>
    Connecting,
    Connected,
    /// <summary>Media has stopped, or the room is being joined again: it comes back by itself.</summary>
    Interrupted,
    /// <summary>Left.</summary>
    Left,
    /// <summary>The server has ended it for us, and does not let us in again.</summary>
    Failed,
}
