using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Sdp;

namespace Realtime.Media.Rooms;

/// <summary>
/// Puts tracks into receive sections. Everyone who may subscribe gets every track of the others, oldest first, as far as it has free
/// sections of the kind; when it has too few it is told how many to offer, and when it negotiated no codec for a track, that it cannot play it. Binding needs
/// no negotiation.
/// </summary>
sealed class SectionBinder(string room, long epoch, ForwardingTable table, LayerSelection selection, Queue<MediaRoomEvent> events, Queue<Participant> touched)
{
    /// <summary>About how long the answer that announces a new section needs through signaling to be applied.</summary>
    static readonly TimeSpan AnswerTravels = TimeSpan.FromMilliseconds(200);

    /// <summary>Fills a participant's free sections, and says so when they are too few.</summary>
    public void Fill(Instant now, Participant subscriber, IReadOnlyList<Publication> publications)
    {
        if (subscriber.HasLeft || !subscriber.Peer.Grants.Subscribe) return;
        if (!subscriber.Selection.IsEveryone)
        {
            Follow(now, subscriber, publications);
            return;
        }

        foreach (var publication in publications)
        {
            if (publication.Publisher == subscriber || subscriber.Subscriptions.ContainsKey(publication)) continue;
            if (subscriber.CanPlay(publication)) TryBind(now, subscriber, publication);
            else TellUnplayable(subscriber, publication);
        }

        TellNeeds(subscriber, publications);
    }

    /// <summary>One who follows a single publisher has offered all the sections it wants: they pass to the next one when there is another.</summary>
    void Follow(Instant now, Participant subscriber, IReadOnlyList<Publication> publications)
    {
        var publisher = subscriber.Selection.Choose(publications);
        foreach (var subscription in subscriber.Subscriptions.Values.Where(held => held.Publication.Publisher != publisher).ToList()) Unbind(subscription);
        foreach (var publication in publications)
        {
            if (publication.Publisher == publisher && !subscriber.Subscriptions.ContainsKey(publication)) TryBind(now, subscriber, publication);
        }
    }

    /// <summary>Ends the subscriptions whose section is gone or receives no more.</summary>
    public void DropLost(Participant subscriber)
    {
        foreach (var subscription in subscriber.Subscriptions.Values.Where(held => held.Section.Outgoing != held.Stream).ToList()) Unbind(subscription);
    }

    /// <summary>The section waits for reuse.</summary>
    public void Unbind(Subscription subscription)
    {
        table.Remove(subscription);
        selection.Changed.Add(subscription.Publication);
        subscription.Subscriber.Subscriptions.Remove(subscription.Publication);
        subscription.Stream.Unbind();
        if (subscription.Subscriber.HasLeft || subscription.Section.Outgoing != subscription.Stream) return;
        events.Enqueue(new SectionBoundEvent(room, epoch, subscription.Subscriber.Id, subscription.Section.Mid));
    }

    void TryBind(Instant now, Participant subscriber, Publication publication)
    {
        foreach (var section in subscriber.Peer.Negotiation.Sections)
        {
            if (section.Outgoing is not { Track: null } stream || !stream.TryBind(publication.Media)) continue;
            section.Playing = new Msid(publication.Publisher.Id, publication.Track);
            var subscription = new Subscription(publication, subscriber, section) { Wish = subscriber.Wishes.GetValueOrDefault(publication) };
            subscriber.Subscriptions.Add(publication, subscription);
            table.Add(subscription);
            selection.Choose(now, subscription);
            // The first answer is known to be applied once the peer connects; a later one is on its way while media already flows.
            if (stream.IsUnused && subscriber.Peer.Negotiation.HasAnswered) stream.HeldUntil = now + AnswerTravels;
            // Before that a key frame would be lost: it is asked for when the peer says so.
            if (!publication.Muted && subscriber.Peer.CanShowVideo)
            {
                stream.WishKeyframe(now);
                touched.Enqueue(publication.Publisher);
            }

            events.Enqueue(new SectionBoundEvent(room, epoch, subscriber.Id, section.Mid, publication.Publisher.Id, publication.Track));
            return;
        }
    }

    void TellUnplayable(Participant subscriber, Publication publication)
    {
        if (!subscriber.Unplayable.Add(publication)) return;
        events.Enqueue(new UnplayableEvent(room, epoch, subscriber.Id, publication.Publisher.Id, publication.Track, publication.Info.Codec));
    }

    void TellNeeds(Participant subscriber, IReadOnlyList<Publication> publications)
    {
        var free = subscriber.Peer.Grants.MaxSections - subscriber.SectionsPublishing();
        var needed = default(SectionCount);
        foreach (var publication in publications)
        {
            if (publication.Publisher != subscriber && needed.Audio + needed.Video < free && subscriber.CanPlay(publication)) needed = needed.Plus(publication.Kind);
        }

        var offered = subscriber.SectionsOffered();
        if ((needed.Audio <= offered.Audio && needed.Video <= offered.Video) || needed == subscriber.SectionsTold) return;
        subscriber.SectionsTold = needed;
        events.Enqueue(new SectionsNeededEvent(room, epoch, subscriber.Id, needed.Audio, needed.Video));
    }
}
