namespace Realtime.Contracts.MediaControl;

/// <summary>Who speaks now, whoever leads first. Not told again in a snapshot: the next change brings it.</summary>
public sealed record SpeakersChangedEvent(string Room, long Epoch, IReadOnlyList<Speaker> Speakers) : MediaRoomEvent(Room, Epoch);

public sealed record QualityChangedEvent(string Room, long Epoch, string Participant, ConnectionQuality Quality) : MediaRoomEvent(Room, Epoch);

/// <summary>The room's settings, all of them, after a change.</summary>
public sealed record RoomUpdatedEvent(string Room, long Epoch, RoomSettings Settings) : MediaRoomEvent(Room, Epoch);

/// <summary>A participant's metadata changed.</summary>
public sealed record PeerUpdatedEvent(string Room, long Epoch, ParticipantInfo Participant) : MediaRoomEvent(Room, Epoch);

/// <summary>The circuits of the node's peer transports that ever failed: all of them, each second that something changed, and every few seconds.</summary>
public sealed record PeerCircuitsEvent(IReadOnlyList<CircuitInfo> Circuits) : MediaEvent;
