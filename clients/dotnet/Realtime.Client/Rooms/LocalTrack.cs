using System.Diagnostics;
using Realtime.Client.Media;
using Realtime.Contracts;

namespace Realtime.Client.Rooms;

/// <summary>A track of ours. It outlives lost connections and moves of the room; what is written while there is no connection is gone, as with any live media.</summary>
public sealed class LocalTrack
{
    readonly Room _room;
    readonly PublishOptions _options;
    readonly Lock _gate = new();
    TimeSpan _next;
    long _startedAt;
    long _framesSent;
    long _framesDropped;
    volatile bool _muted;
    volatile bool _wanted = true;
    volatile string? _id;

    internal LocalTrack(Room room, MediaKind kind, PublishOptions options)
    {
        (_room, Kind, _options) = (room, kind, options);
        Source = options.Source ?? (kind == MediaKind.Audio ? "microphone" : "camera");
    }

    public MediaKind Kind { get; }

    public string Source { get; }

    /// <summary>What the server calls it; another one after the room was joined again.</summary>
    public string? Id
    {
        get => _id;
        internal set => _id = value;
    }

    public bool IsMuted => _muted;

    /// <summary>Somebody sees or hears it at the moment: else nothing need be encoded.</summary>
    public bool IsWanted
    {
        get => _wanted;
        internal set => _wanted = value;
    }

    public long FramesSent => Interlocked.Read(ref _framesSent);

    /// <summary>Written while muted, or without a connection.</summary>
    public long FramesDropped => Interlocked.Read(ref _framesDropped);

    /// <summary>Somebody needs a key frame to begin with: the next picture should be one. Raised on the media loop; return at once.</summary>
    public event Action? KeyFrameRequested;

    /// <summary>
    /// Sends one frame: an Opus packet, a VP8 picture. Nothing waits here: false says that it was not sent (muted, or no connection at the moment).
    /// </summary>
    /// <param name="timestamp">Counted from the first frame. Absent: audio goes on by <see cref="PublishOptions.FrameDuration"/>, video by the clock.</param>
    /// <param name="level">Of audio, how loud it is in −dBov (0 the loudest, 127 silence); it decides who counts as speaking.</param>
    /// <exception cref="RealtimeException">A frame of audio larger than a packet, or of video larger than 1 MB.</exception>
    public ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> frame, TimeSpan? timestamp = null, byte? level = null)
    {
        var most = Kind == MediaKind.Audio ? SendingStream.MaxPayload : MediaLoop.MaxFrameBytes;
        if (frame.Length > most)
            throw new RealtimeException(new RealtimeError(ErrorCode.TooLarge, $"A frame of {(Kind == MediaKind.Audio ? "audio" : "video")} has at most {most} bytes.", "frame"));
        if (frame.IsEmpty)
            throw new RealtimeException(new RealtimeError(ErrorCode.Invalid, "An empty frame.", "frame"));
        var at = Next(timestamp);
        var sent = !_muted && _room.Write(this, new EncodedFrame(frame, at) { Level = level, IsKeyFrame = Kind == MediaKind.Audio || Vp8Packets.IsKeyFrame(frame.Span) });
        Interlocked.Increment(ref sent ? ref _framesSent : ref _framesDropped);
        return ValueTask.FromResult(sent);
    }

    /// <summary>Nothing is sent any more, at once, and everybody is told; or it goes on.</summary>
    public Task SetMutedAsync(bool muted, CancellationToken cancellation = default)
    {
        _muted = muted;
        return _room.TellMutedAsync(this, cancellation);
    }

    /// <summary>The others hear that it is gone.</summary>
    public Task UnpublishAsync(CancellationToken cancellation = default) => _room.UnpublishAsync(this, cancellation);

    /// <summary>A moderator did it.</summary>
    internal void Mute() => _muted = true;

    internal void RequestKeyFrame() => KeyFrameRequested?.Invoke();

    TimeSpan Next(TimeSpan? timestamp)
    {
        lock (_gate)
        {
            if (_startedAt == 0)
                _startedAt = Stopwatch.GetTimestamp();
            var at = timestamp ?? (Kind == MediaKind.Audio ? _next : Stopwatch.GetElapsedTime(_startedAt));
            _next = at + _options.FrameDuration;
            return at;
        }
    }
}
