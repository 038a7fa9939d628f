using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Realtime.Client.Background;
using Realtime.Client.Media;
using Realtime.Contracts;
using Realtime.Media.Core;

namespace Realtime.Client.Rooms;

/// <summary>One transport: our presence in one room at one epoch of it. Its first offer is made before the room is joined, so that the join is one question and one answer.</summary>
sealed class RoomLink : IAsyncDisposable
{
    /// <summary>Receive sections of each kind that the first offer has: more are negotiated when the server asks for them.</summary>
    const int FirstSections = 2;

    const int EntropyBytes = 32;

    static int s_number;

    readonly Room _room;
    readonly ConcurrentDictionary<LocalTrack, MediaSection> _sending = new();
    readonly ConcurrentDictionary<string, SectionSink> _sinks = new();
    readonly ConcurrentDictionary<string, (string Track, string Participant)> _bindings = new();
    readonly PersistentTask _negotiation;
    readonly TransportWatch _watch;
    readonly MediaLoop _loop;
    readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    JoinRoomResult? _joined;
    volatile bool _isOffered;

    public RoomLink(Room room, Supervisor supervisor, RealtimeClientOptions options, IEnumerable<LocalTrack> publishing)
    {
        _room = room;
        _negotiation = new PersistentTask(supervisor, NegotiateAsync, error => room.LinkRefused(this, error));
        _watch = new TransportWatch(new Instant(Stopwatch.GetElapsedTime(0).Ticks * 100));
        var peer = new ClientPeer(new Entropy(RandomNumberGenerator.GetBytes(EntropyBytes)), (mid, frame) => Sink(mid).Take(this, frame)) { UsesUdp = options.UseUdp };
        foreach (var track in publishing)
            _sending[track] = peer.AddSending(track.Kind);
        peer.Receive(MediaKind.Audio, FirstSections);
        peer.Receive(MediaKind.Video, FirstSections);
        _loop = new MediaLoop(peer, supervisor, options.SourceAddress, Looked, KeyFrameWanted);
    }

    /// <summary>Later ones have higher numbers.</summary>
    public int Number { get; } = Interlocked.Increment(ref s_number);

    public long Epoch => _joined?.Epoch ?? 0;

    /// <summary>Our own id in the room.</summary>
    public string Participant => _joined?.Participant ?? "";

    /// <summary>Completes when media flows for the first time.</summary>
    public Task Connected => _connected.Task;

    /// <summary>Completes with the next answer, or when this ends.</summary>
    public Task NextAnswer => Volatile.Read(ref _answered).Task;

    public IEnumerable<(string Mid, string Track, string Participant)> Bindings => _bindings.Select(static one => (one.Key, one.Value.Track, one.Value.Participant));

    /// <summary>The offer to join with.</summary>
    public (string Sdp, IReadOnlyList<TrackLabel> Labels) Offer() => (_loop.Use(static (peer, _) => peer.Offer()), Labels());

    /// <summary>The room is joined: from now on this is a presence in it.</summary>
    public void Joined(JoinRoomResult joined)
    {
        _joined = joined;
        if (joined.Sdp is { } answer)
            Accept(answer);
        else
            _negotiation.Request();
    }

    /// <summary>Adds a sending section, unless there is one.</summary>
    public void Publish(LocalTrack track)
    {
        if (_sending.ContainsKey(track))
            return;
        _sending[track] = _loop.Use((peer, _) => peer.AddSending(track.Kind));
        _negotiation.Request();
    }

    public void Unpublish(LocalTrack track)
    {
        if (!_sending.TryRemove(track, out var section))
            return;
        _loop.Use((_, _) => section.Direction = Realtime.Media.Sdp.MediaDirection.Inactive);
        _negotiation.Request();
    }

    /// <summary>Which of our tracks is sent in the section.</summary>
    public LocalTrack? SentAs(string mid) => _sending.FirstOrDefault(one => one.Value.Mid == mid).Key;

    /// <summary>Whether the server has taken the section of that track.</summary>
    public bool IsNegotiated(LocalTrack track) => _sending.TryGetValue(track, out var section) && section.Sending?.PayloadType is not null;

    public bool Write(LocalTrack track, EncodedFrame frame) => _sending.TryGetValue(track, out var section) && _loop.Write(section, frame);

    /// <summary>Adds receive sections until there are as many as the server needs; it never needs fewer, it reuses.</summary>
    public void NeedSections(int audio, int video)
    {
        if (_loop.Use((peer, _) => peer.Receive(MediaKind.Audio, audio) | peer.Receive(MediaKind.Video, video)))
            _negotiation.Request();
    }

    /// <summary>What plays in a section, authoritative; null: nothing.</summary>
    public void Bind(string mid, RemoteTrack? track)
    {
        var another = _bindings.ContainsKey(mid);
        if (track is null)
            _bindings.TryRemove(mid, out _);
        else
            _bindings[mid] = (track.Id, track.Participant);
        _loop.Use((peer, _) =>
        {
            if (another)
                peer.Sections.FirstOrDefault(section => section.Mid == mid)?.Receiving?.Restart();
            Sink(mid).Bind(this, track);
            return true;
        });
    }

    public MediaKind KindOf(string mid) => _loop.Use((peer, _) => peer.Sections.FirstOrDefault(section => section.Mid == mid)?.IsVideo == true ? MediaKind.Video : MediaKind.Audio);

    public bool IsBound(string track) => _bindings.Values.Any(binding => binding.Track == track);

    public void RequestKeyFrame(string track)
    {
        foreach (var (mid, id, _) in Bindings)
        {
            if (id == track)
                _loop.Use((peer, now) =>
                {
                    peer.Sections.FirstOrDefault(section => section.Mid == mid)?.Receiving?.WantKeyFrame(now);
                    return true;
                });
        }
    }

    /// <summary>There is a connection to signaling again: an offer whose answer was lost is made again.</summary>
    public void SignalingReturned()
    {
        if (_isOffered)
            _negotiation.RequestNow();
    }

    public ValueTask DisposeAsync()
    {
        _negotiation.Stop();
        _connected.TrySetCanceled();
        Volatile.Read(ref _answered).TrySetResult();
        return _loop.DisposeAsync();
    }

    async Task NegotiateAsync(CancellationToken cancellation)
    {
        if (_joined is null)
            return;
        var (sdp, labels) = Offer();
        _isOffered = true;
        Accept(await _room.ExchangeAsync(Epoch, sdp, labels, cancellation));
        _isOffered = false;
    }

    void Accept(string answer)
    {
        _loop.Use((peer, now) =>
        {
            peer.Accept(now, answer);
            return true;
        });
        Interlocked.Exchange(ref _answered, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    List<TrackLabel> Labels() => [.. _sending.Select(static one => new TrackLabel(one.Value.Mid, one.Key.Source))];

    SectionSink Sink(string mid) => _sinks.GetOrAdd(mid, static _ => new SectionSink());

    void KeyFrameWanted(string mid)
    {
        if (SentAs(mid) is { } track)
            track.RequestKeyFrame();
    }

    void Looked(bool isConnected, bool hasEnded)
    {
        if (_joined is null)
            return;
        var verdict = _watch.Look(new Instant(Stopwatch.GetElapsedTime(0).Ticks * 100), isConnected, hasEnded);
        if (verdict == TransportVerdict.Fine)
            return;
        if (verdict == TransportVerdict.Connected)
            _connected.TrySetResult();
        if (verdict == TransportVerdict.Interrupted)
        {
            _loop.Use(static (peer, _) =>
            {
                peer.RestartIce();
                return true;
            });
            _negotiation.RequestNow();
        }
        _room.LinkChanged(this, verdict);
    }
}
