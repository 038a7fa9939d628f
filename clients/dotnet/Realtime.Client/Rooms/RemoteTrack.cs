using System.Diagnostics;
using System.Threading.Channels;
using Realtime.Client.Media;
using Realtime.Contracts;

namespace Realtime.Client.Rooms;

/// <summary>A track of somebody else that plays here.</summary>
public sealed class RemoteTrack
{
    /// <summary>Frames that wait to be read. Of audio the oldest give way; of video whatever comes is left out until the next key frame, which is asked for.</summary>
    public const int MaxWaiting = 256;

    readonly Channel<EncodedFrame> _waiting;
    readonly Lock _gate = new();
    RoomLink _link;
    TimeSpan _shift;
    TimeSpan _last;
    long _lastAt;
    long _dropped;
    bool _needsKeyFrame;

    internal RemoteTrack(string id, string participant, MediaKind kind, string? source, RoomLink link)
    {
        (Id, Participant, Kind, Source, _link) = (id, participant, kind, source, link);
        _waiting = Channel.CreateBounded<EncodedFrame>(
            new BoundedChannelOptions(MaxWaiting) { FullMode = kind == MediaKind.Audio ? BoundedChannelFullMode.DropOldest : BoundedChannelFullMode.Wait, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped));
    }

    public string Id { get; }

    /// <summary>Who publishes it: a participant's id.</summary>
    public string Participant { get; }

    public MediaKind Kind { get; }

    /// <summary><c>microphone</c>, <c>camera</c>, <c>screen</c> …, as far as its publisher has said so.</summary>
    public string? Source { get; }

    /// <summary>Whole frames in order, of video beginning with a key frame; to be read by one loop. Ends when the track does.</summary>
    public IAsyncEnumerable<EncodedFrame> Frames => _waiting.Reader.ReadAllAsync();

    /// <summary>Frames that were left out because nobody read them in time.</summary>
    public long FramesDropped => Interlocked.Read(ref _dropped);

    /// <summary>Asks for a picture to begin with.</summary>
    public void RequestKeyFrame() => Volatile.Read(ref _link).RequestKeyFrame(Id);

    /// <summary>A frame of it came, by this link.</summary>
    internal void Offer(RoomLink link, EncodedFrame frame)
    {
        lock (_gate)
        {
            if (link != _link)
            {
                // The room has moved. The newer link counts from anew; for whoever reads time goes on.
                if (link.Number < _link.Number)
                    return;
                _link = link;
                _shift = _last + Stopwatch.GetElapsedTime(_lastAt) - frame.Timestamp;
            }
            frame = frame with { Timestamp = frame.Timestamp + _shift };
            (_last, _lastAt) = (frame.Timestamp, Stopwatch.GetTimestamp());
            if (_needsKeyFrame && !frame.IsKeyFrame)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }
            _needsKeyFrame = false;
            if (_waiting.Writer.TryWrite(frame) || Kind == MediaKind.Audio)
                return;
            Interlocked.Increment(ref _dropped);
            _needsKeyFrame = true;
        }
        link.RequestKeyFrame(Id);
    }

    internal void End() => _waiting.Writer.TryComplete();
}
