using Realtime.Contracts;
using Realtime.Contracts.MediaControl;

namespace Realtime.Signaling.Rooms;

/// <summary>A room as its node last told it. Departures are kept for a while: a session that resumes elsewhere has missed them.</summary>
public sealed class RoomView(string room, long epoch)
{
    /// <summary>Departures remembered; with more than that within one lease the oldest are forgotten, and such a client learns it when it joins anew.</summary>
    public const int MaxDepartures = 256;

    readonly Dictionary<string, PeerView> _peers = new(StringComparer.Ordinal);
    readonly Dictionary<string, PublishedEvent> _tracks = new(StringComparer.Ordinal);
    readonly Dictionary<string, LayersWantedEvent> _demands = new(StringComparer.Ordinal);
    readonly Queue<MediaRoomEvent> _departures = new();
    readonly HashSet<SilencedUser> _silenced = [];

    public string Room { get; } = room;
    public long Epoch { get; } = epoch;
    public IReadOnlyCollection<PeerView> Peers => _peers.Values;

    /// <summary>Somebody was in it, and nobody is any more.</summary>
    public bool IsLeft { get; private set; }

    public IEnumerable<TrackInfo> Tracks => _tracks.Values.Select(static track => track.Track);
    public int TrackCount => _tracks.Count;

    public RoomSettings Settings { get; private set; } = new();

    /// <summary>Who stays muted whatever they publish.</summary>
    public IReadOnlyCollection<SilencedUser> Silenced => _silenced;

    public TrackInfo? Track(string track) => _tracks.GetValueOrDefault(track)?.Track;

    /// <summary>How somebody left who was here a while ago.</summary>
    public PeerLeftEvent? Departure(string participant) => _departures.OfType<PeerLeftEvent>().LastOrDefault(left => left.Participant == participant);

    public KeptRoom Keep() => new(Epoch, Settings, [.. _silenced]);

    /// <summary>False: nothing new to the people in the room; viewers come and go untold.</summary>
    public bool Apply(MediaRoomEvent fact)
    {
        switch (fact)
        {
            case PeerJoinedEvent joined:
                if (_peers.TryGetValue(joined.Participant.Participant, out var known))
                {
                    known.Info = joined.Participant;
                    return false;
                }

                _peers[joined.Participant.Participant] = new PeerView(joined.Participant, joined.Token);
                IsLeft = false;
                return !joined.Participant.IsViewer;
            case PeerLeftEvent left:
                if (!_peers.Remove(left.Participant, out var gone))
                    return false;
                IsLeft = _peers.Count == 0;
                if (gone.Info.IsViewer)
                    return false;
                foreach (var track in _tracks.Values.Where(track => track.Track.Participant == left.Participant).ToArray())
                {
                    _tracks.Remove(track.Track.Track);
                    _demands.Remove(track.Track.Track);
                }

                Depart(left);
                return true;
            case PeerStateEvent state:
                return _peers.TryGetValue(state.Participant, out var changed) && changed.TakeState(state.State);
            case PublishedEvent published:
                var isNew = !_tracks.TryGetValue(published.Track.Track, out var before) || before.Track != published.Track;
                // A snapshot does not carry the publisher's own mid; what was known of it stays.
                _tracks[published.Track.Track] = published.Mid.Length == 0 && before is not null ? published with { Mid = before.Mid } : published;
                return isNew;
            case UnpublishedEvent unpublished:
                _demands.Remove(unpublished.Track);
                if (!_tracks.Remove(unpublished.Track))
                    return false;
                Depart(unpublished);
                return true;
            case MutedEvent muted:
                return TakeMute(muted);
            case SpeakersChangedEvent:
                return true;
            case QualityChangedEvent quality:
                if (!_peers.TryGetValue(quality.Participant, out var measured))
                    return false;
                measured.Quality = quality.Quality;
                return !measured.Info.IsViewer;
            case RoomUpdatedEvent updated:
                Settings = updated.Settings;
                return true;
            case PeerUpdatedEvent changedPeer:
                if (!_peers.TryGetValue(changedPeer.Participant.Participant, out var renamed))
                    return false;
                renamed.Info = changedPeer.Participant;
                return !renamed.Info.IsViewer;
            case SectionsNeededEvent sections:
                return _peers.TryGetValue(sections.Participant, out var needing) && needing.TakeSections(sections);
            case SectionBoundEvent bound:
                return _peers.TryGetValue(bound.Participant, out var binding) && binding.TakeBinding(bound);
            case LayersWantedEvent layers:
                if (!_tracks.ContainsKey(layers.Track))
                    return false;
                _demands[layers.Track] = layers;
                return true;
            case UnplayableEvent unplayable:
                return _peers.ContainsKey(unplayable.Participant);
            default:
                return false;
        }
    }

    /// <summary>Takes the node's own account and returns the difference as events.</summary>
    public IReadOnlyList<MediaRoomEvent> Replace(RoomSnapshot snapshot)
    {
        var facts = new List<MediaRoomEvent>();
        var peers = snapshot.Peers.Select(static peer => peer.Participant.Participant).ToHashSet(StringComparer.Ordinal);
        var tracks = snapshot.Tracks.Select(static track => track.Track).ToHashSet(StringComparer.Ordinal);
        facts.AddRange(_tracks.Values.Where(track => !tracks.Contains(track.Track.Track)).Select(track => new UnpublishedEvent(Room, Epoch, track.Track.Participant, track.Track.Track)));
        facts.AddRange(_peers.Keys.Where(peer => !peers.Contains(peer)).Select(peer => new PeerLeftEvent(Room, Epoch, peer, LeaveReason.Left)));
        foreach (var peer in snapshot.Peers)
        {
            var id = peer.Participant.Participant;
            facts.Add(new PeerJoinedEvent(Room, Epoch, peer.Participant, peer.Token));
            facts.Add(new PeerStateEvent(Room, Epoch, id, peer.State));
        }

        facts.AddRange(snapshot.Tracks.Select(track => new PublishedEvent(Room, Epoch, track, "")));
        facts.AddRange(snapshot.Tracks.Select(track => new MutedEvent(Room, Epoch, track.Participant, track.Track, track.Muted, track.MutedByModerator, track.Locked)));
        Settings = snapshot.Settings ?? new RoomSettings();
        _silenced.Clear();
        _silenced.UnionWith(snapshot.Silenced ?? []);
        foreach (var peer in snapshot.Peers)
        {
            var id = peer.Participant.Participant;
            facts.Add(new SectionsNeededEvent(Room, Epoch, id, peer.AudioSections, peer.VideoSections));
            var bound = peer.Bound.Select(static binding => binding.Mid).ToHashSet(StringComparer.Ordinal);
            if (_peers.TryGetValue(id, out var known))
                facts.AddRange(known.Bindings.Where(binding => !bound.Contains(binding.Mid)).Select(binding => new SectionBoundEvent(Room, Epoch, id, binding.Mid)));
            facts.AddRange(peer.Bound.Select(binding => new SectionBoundEvent(Room, Epoch, id, binding.Mid, binding.Publisher, binding.Track)));
        }

        return [.. facts.Where(Apply)];
    }

    /// <summary>Everything a participant must hear that was away for a moment: departures first, then all there is; each event can be taken twice.</summary>
    public IReadOnlyList<MediaRoomEvent> Retell(string participant)
    {
        var story = new List<MediaRoomEvent>(_departures);
        story.AddRange(_peers.Values.Where(peer => peer.Info.Participant != participant && !peer.Info.IsViewer).Select(peer => new PeerJoinedEvent(Room, Epoch, peer.Info)));
        story.AddRange(_tracks.Values);
        if (_peers.TryGetValue(participant, out var self))
        {
            if (self.Sections is { } sections)
                story.Add(sections);
            story.AddRange(self.Bindings);
            story.AddRange(_demands.Values.Where(layers => layers.Participant == participant));
        }

        return story;
    }

    bool TakeMute(MutedEvent muted)
    {
        if (!_tracks.TryGetValue(muted.Track, out var known))
            return false;
        var after = known.Track with { Muted = muted.Muted, MutedByModerator = muted.Muted ? muted.ByModerator : null, Locked = muted.Locked };
        if (_peers.TryGetValue(muted.Participant, out var publisher))
        {
            var one = new SilencedUser(publisher.Info.User, known.Track.Kind);
            if (muted.Locked == true)
                _silenced.Add(one);
            else if (known.Track.Locked == true)
                _silenced.Remove(one);
        }
        if (after == known.Track)
            return false;
        _tracks[muted.Track] = known with { Track = after };
        return true;
    }

    void Depart(MediaRoomEvent departure)
    {
        if (_departures.Count == MaxDepartures)
            _departures.Dequeue();
        _departures.Enqueue(departure);
    }
}
