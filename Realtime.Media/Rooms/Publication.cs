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

    public ReceiveStream Stream { get; } = section.Incoming!;

    /// <summary>Free text of the publisher: <c>camera</c>, <c>screen</c>.</summary>
    public string? Source { get; set; } = source;

    /// <summary>Nothing of a muted track is forwarded, whatever its publisher sends.</summary>
    public bool Muted { get; set; }

    public SectionKind Kind => Stream.Kind;

    public TrackInfo Info => new(
        Track, Publisher.Id, Kind == SectionKind.Audio ? MediaKind.Audio : MediaKind.Video, Stream.Codec.Name.ToLowerInvariant(), Muted, Source);
}
