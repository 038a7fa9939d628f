using Realtime.Client.Media;

namespace Realtime.Client.Rooms;

/// <summary>
/// Where the frames of one receive section go. Which track plays there comes by signaling, which may be slower than the media: until it is known the first frames wait, at most
/// <see cref="MaxEarly"/> (more are dropped, the newest first: the key frame at the beginning is what counts).
/// Touched under the media loop's lock alone.
/// </summary>
sealed class SectionSink
{
    public const int MaxEarly = 64;

    readonly List<EncodedFrame> _early = [];
    RemoteTrack? _track;

    public void Take(RoomLink link, EncodedFrame frame)
    {
        if (_track is not null)
            _track.Offer(link, frame);
        else if (_early.Count < MaxEarly)
            _early.Add(frame);
    }

    public void Bind(RoomLink link, RemoteTrack? track)
    {
        _track = track;
        foreach (var frame in _early)
            track?.Offer(link, frame);
        _early.Clear();
    }
}
