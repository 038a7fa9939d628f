using Realtime.Contracts;
using Realtime.Media.Peers;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>One track in a room: who publishes it, and where it comes in.</summary>
public sealed class Publication(string track, Participant publisher, Section section, string? source)
{
    public string Track { get; } = track;

    public Participant Publisher { get; } = publisher;

    public Section Section { get; } = section;

    /// <summary>What comes in: its encodings, and its layers.</summary>
    public ReceiveTrack Media { get; } = section.Incoming!;

    /// <summary>Everybody it is bound to, whatever they get of it.</summary>
    public List<Subscription> Subscriptions { get; } = [];

    /// <summary>What its publisher was told that somebody needs.</summary>
    public LayerDemand Demand { get; } = new();

    /// <summary>Whose track it is, where it came over a link to another part of the room: <see cref="Publisher"/> is the link then.</summary>
    public string? Origin { get; init; }

    /// <summary>What people know its publisher by.</summary>
    public string PublisherId => Origin ?? Publisher.Id;

    /// <summary>Free text of the publisher: <c>camera</c>, <c>screen</c>.</summary>
    public string? Source { get; set; } = source;

    /// <summary>Nothing of a muted track is forwarded, whatever its publisher sends.</summary>
    public bool Muted => Mute.IsMuted;

    public MuteState Mute { get; set; }

    public SectionKind Kind => Media.Kind;

    public TrackInfo Info => new(
        Track, PublisherId, Kind == SectionKind.Audio ? MediaKind.Audio : MediaKind.Video, Media.Codec.Name.ToLowerInvariant(), Muted, Source,
        Mute.ByModerator ? true : null, Mute.IsLocked ? true : null);
}
