using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Client.Rooms;

/// <summary>What happens in the room goes into the roster, to the link it concerns, and on to the application.</summary>
public sealed partial class Room
{
    internal void Handle(string name, JsonElement payload)
    {
        lock (_gate)
        {
            if (HasEnded)
                return;
            if (_early is null)
                Take(name, payload);
            else if (_early.Count < MaxEarly)
                _early.Add((name, payload.Clone()));
            else
            {
                _early.Clear();
                _join.Request();
            }
        }
    }

    void Take(string name, JsonElement payload)
    {
        if (Latest is not { } link || !payload.TryGetProperty("epoch", out var told) || !told.TryGetInt64(out var epoch) || epoch < link.Epoch)
            return;
        if (epoch > link.Epoch)
        {
            // The room's live copy is another one: we follow, media goes on here until it plays there.
            if (name == HubEvent.Moved)
                _join.RequestNow();
            else
                _join.Request();
            return;
        }
        T Read<T>() => payload.Deserialize<T>(ContractsJson.Options)!;
        switch (name)
        {
            case HubEvent.Sections:
                var sections = Read<SectionsEvent>();
                link.NeedSections(sections.Audio, sections.Video);
                break;
            case HubEvent.Bound:
                Bind(link, Read<BoundEvent>());
                break;
            case HubEvent.ParticipantJoined:
                var joined = Read<ParticipantJoinedEvent>().Participant;
                if (_roster.Joined(joined))
                    _events.Publish(new ParticipantJoined(joined));
                break;
            case HubEvent.ParticipantLeft:
                Left(link, Read<ParticipantLeftEvent>());
                break;
            case RoomHubEvent.ParticipantUpdated:
                var updated = Read<ParticipantUpdatedEvent>().Participant;
                _roster.Joined(updated);
                _events.Publish(new ParticipantUpdated(updated));
                break;
            case HubEvent.TrackPublished:
                TakePublished(link, Read<TrackPublishedEvent>());
                break;
            case HubEvent.TrackUnpublished:
                var ended = Read<TrackUnpublishedEvent>();
                if (_roster.Unpublished(ended.Track))
                    _events.Publish(new TrackUnpublished(ended.Participant, ended.Track));
                End(ended.Track);
                break;
            case HubEvent.TrackMuted:
                var mute = Read<TrackMutedEvent>();
                _roster.Muted(mute);
                if (mute is { ByModerator: true, Muted: true })
                    _publishing.Find(track => track.Id == mute.Track)?.Mute();
                _events.Publish(new TrackMuted(mute));
                break;
            case HubEvent.TrackUnplayable:
                _events.Publish(new TrackUnplayable(Read<TrackUnplayableEvent>()));
                break;
            case HubEvent.Layers:
                var layers = Read<LayersEvent>();
                _publishing.Find(track => track.Id == layers.Track)?.IsWanted = !layers.Paused;
                break;
            case RoomHubEvent.Speakers:
                _events.Publish(new SpeakersChanged(Read<SpeakersEvent>().Speakers));
                break;
            case RoomHubEvent.Quality:
                _events.Publish(new QualityChanged(Read<QualityEvent>()));
                break;
            case RoomHubEvent.RoomUpdated:
                _events.Publish(new SettingsChanged(Read<RoomChangedEvent>().Settings));
                break;
        }
    }

    void Bind(RoomLink link, BoundEvent bound)
    {
        var before = link.Bindings.FirstOrDefault(one => one.Mid == bound.Mid).Track;
        if (before is not null && before == bound.Track)
            return;
        RemoteTrack? track = null;
        if (bound is { Participant: { } participant, Track: { } id } && !_playing.TryGetValue(id, out track))
        {
            var info = _roster.Track(id);
            track = new RemoteTrack(id, participant, info?.Kind ?? link.KindOf(bound.Mid), info?.Source, link);
            _playing[id] = track;
            _tracks.Publish(track);
        }
        link.Bind(bound.Mid, track);
        if (before is not null)
            EndUnlessBound(before);
    }

    void Left(RoomLink link, ParticipantLeftEvent left)
    {
        if (left.Participant == link.Participant)
        {
            if (s_comeBackAfter.Contains(left.Reason))
                _join.Request();
            else if (left.Reason != LeaveReason.Left)
                Fail(new RealtimeException(new RealtimeError(ErrorCode.Forbidden, $"The server ended the call: {left.Reason}.", Scope: left.Reason)));
            return;
        }
        foreach (var track in _playing.Values.Where(track => track.Participant == left.Participant).ToList())
            End(track.Id);
        if (_roster.Left(left.Participant) is { } participant)
            _events.Publish(new ParticipantLeft(participant, left.Reason));
    }

    void TakePublished(RoomLink link, TrackPublishedEvent published)
    {
        var isNew = _roster.Published(published.Track);
        if (published.Mid is { } mid && published.Track.Participant == link.Participant && link.SentAs(mid) is { } own)
        {
            own.Id = published.Track.Track;
            if (own.IsMuted != published.Track.Muted)
                _tell.Request();
        }
        if (isNew)
            _events.Publish(new TrackPublished(published.Track));
    }

    void EndUnlessBound(string track)
    {
        if (!_links.Any(link => link.IsBound(track)))
            End(track);
    }

    void End(string track)
    {
        if (_playing.Remove(track, out var playing))
            playing.End();
    }
}
