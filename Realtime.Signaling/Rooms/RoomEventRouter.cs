using Realtime.Contracts;
using Realtime.Contracts.MediaControl;

namespace Realtime.Signaling.Rooms;

/// <summary>Says a node's facts to the people concerned who are attached here: to all others in the room, or to the one it is about. Who has not been led to that copy of the room yet hears of it then.</summary>
public sealed class RoomEventRouter(LocalParticipants local, ISessionOutput output)
{
    const int MaxToldOfQuality = 100;

    public void Route(MediaRoomEvent fact)
    {
        switch (fact)
        {
            case PeerJoinedEvent joined:
                ToOthers(fact, joined.Participant.Participant, HubEvent.ParticipantJoined, new ParticipantJoinedEvent(fact.Room, fact.Epoch, joined.Participant));
                break;
            case PeerLeftEvent left:
                // The one who left is told too when it was not its own doing.
                ToAll(fact, HubEvent.ParticipantLeft, new ParticipantLeftEvent(fact.Room, fact.Epoch, left.Participant, left.Reason));
                if (local.FindParticipant(fact.Room, left.Participant) is { } gone && gone.Epoch == fact.Epoch)
                    local.Remove(gone);
                break;
            case PublishedEvent published:
                ToOthers(fact, published.Track.Participant, HubEvent.TrackPublished, new TrackPublishedEvent(fact.Room, fact.Epoch, published.Track));
                ToOne(fact, published.Track.Participant, HubEvent.TrackPublished, new TrackPublishedEvent(fact.Room, fact.Epoch, published.Track, published.Mid.Length == 0 ? null : published.Mid));
                break;
            case UnpublishedEvent unpublished:
                ToAll(fact, HubEvent.TrackUnpublished, new TrackUnpublishedEvent(fact.Room, fact.Epoch, unpublished.Participant, unpublished.Track));
                break;
            case MutedEvent muted:
                ToAll(fact, HubEvent.TrackMuted, new TrackMutedEvent(fact.Room, fact.Epoch, muted.Participant, muted.Track, muted.Muted, muted.ByModerator, muted.Locked));
                break;
            case SpeakersChangedEvent speakers:
                ToAll(fact, RoomHubEvent.Speakers, new SpeakersEvent(fact.Room, fact.Epoch, speakers.Speakers));
                break;
            case QualityChangedEvent quality:
                RouteQuality(quality);
                break;
            case RoomUpdatedEvent updated:
                ToAll(fact, RoomHubEvent.RoomUpdated, new RoomChangedEvent(fact.Room, fact.Epoch, updated.Settings));
                break;
            case PeerUpdatedEvent updated:
                ToAll(fact, RoomHubEvent.ParticipantUpdated, new ParticipantUpdatedEvent(fact.Room, fact.Epoch, updated.Participant));
                break;
            case SectionsNeededEvent or SectionBoundEvent or UnplayableEvent or LayersWantedEvent:
                if (local.FindParticipant(fact.Room, Subject(fact)) is { } one && one.Epoch == fact.Epoch)
                    Tell(one.Session, fact);
                break;
            case RoomClosedEvent closed:
                foreach (var participant in local.InRoom(fact.Room).Where(participant => participant.Epoch == fact.Epoch))
                {
                    output.Send(participant.Session, HubEvent.ParticipantLeft, new ParticipantLeftEvent(fact.Room, fact.Epoch, participant.Participant, closed.Reason));
                    local.Remove(participant);
                }

                break;
        }
    }

    /// <summary>Says one fact to one session, as <see cref="Route"/> would.</summary>
    public void Tell(string session, MediaRoomEvent fact)
    {
        switch (fact)
        {
            case PeerJoinedEvent joined:
                output.Send(session, HubEvent.ParticipantJoined, new ParticipantJoinedEvent(fact.Room, fact.Epoch, joined.Participant));
                break;
            case PeerLeftEvent left:
                output.Send(session, HubEvent.ParticipantLeft, new ParticipantLeftEvent(fact.Room, fact.Epoch, left.Participant, left.Reason));
                break;
            case PublishedEvent published:
                output.Send(session, HubEvent.TrackPublished, new TrackPublishedEvent(fact.Room, fact.Epoch, published.Track));
                break;
            case UnpublishedEvent unpublished:
                output.Send(session, HubEvent.TrackUnpublished, new TrackUnpublishedEvent(fact.Room, fact.Epoch, unpublished.Participant, unpublished.Track));
                break;
            case SectionsNeededEvent sections:
                output.Send(session, HubEvent.Sections, new SectionsEvent(fact.Room, fact.Epoch, sections.Audio, sections.Video));
                break;
            case SectionBoundEvent bound:
                output.Send(session, HubEvent.Bound, new BoundEvent(fact.Room, fact.Epoch, bound.Mid, bound.Publisher, bound.Track));
                break;
            case UnplayableEvent unplayable:
                output.Send(session, HubEvent.TrackUnplayable, new TrackUnplayableEvent(fact.Room, fact.Epoch, unplayable.Publisher, unplayable.Track, unplayable.Codec));
                break;
            case LayersWantedEvent layers:
                output.Send(session, HubEvent.Layers, new LayersEvent(
                    fact.Room, fact.Epoch, layers.Track, layers.Wanted, layers.Paused, layers.MaxWidth > 0 ? layers.MaxWidth : null, layers.MaxHeight > 0 ? layers.MaxHeight : null));
                break;
        }
    }

    /// <summary>In a large room that would be many events for many people.</summary>
    void RouteQuality(QualityChangedEvent fact)
    {
        var payload = new QualityEvent(fact.Room, fact.Epoch, fact.Participant, fact.Quality.Quality, fact.Quality.Reason, fact.Quality.Direction);
        if (local.InRoom(fact.Room).Count <= MaxToldOfQuality)
            ToAll(fact, RoomHubEvent.Quality, payload);
        else
            ToOne(fact, fact.Participant, RoomHubEvent.Quality, payload);
    }

    static string Subject(MediaRoomEvent fact) => fact switch
    {
        SectionsNeededEvent sections => sections.Participant,
        SectionBoundEvent bound => bound.Participant,
        UnplayableEvent unplayable => unplayable.Participant,
        LayersWantedEvent layers => layers.Participant,
        _ => "",
    };

    void ToAll(MediaRoomEvent fact, string name, object payload) =>
        output.SendAll([.. local.InRoom(fact.Room).Where(one => one.Epoch == fact.Epoch).Select(static one => one.Session)], name, payload);

    void ToOthers(MediaRoomEvent fact, string participant, string name, object payload) =>
        output.SendAll([.. local.InRoom(fact.Room).Where(one => one.Participant != participant && one.Epoch == fact.Epoch).Select(static one => one.Session)], name, payload);

    void ToOne(MediaRoomEvent fact, string participant, string name, object payload)
    {
        if (local.FindParticipant(fact.Room, participant) is { } one && one.Epoch == fact.Epoch)
            output.Send(one.Session, name, payload);
    }
}
