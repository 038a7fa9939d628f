using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Sdp;

namespace Realtime.Media.Rooms;

/// <summary>
/// Puts tracks into receive sections. Everyone who may subscribe gets every track of the others as far as it has sections of the kind and wants as many
/// (<see cref="LastN"/> chooses); when it has too few it is told how many to offer, and when it negotiated no codec for a track, that it cannot play it. Binding needs
/// no negotiation, and neither does another track in the place of one that gives way.
/// </summary>
sealed class SectionBinder(string room, long epoch, ForwardingTable table, LayerSelection selection, Queue<MediaRoomEvent> events, Queue<Participant> touched, ActiveSpeakers speakers)
{
    /// <summary>About how long the answer that announces a new section needs through signaling to be applied.</summary>
    static readonly TimeSpan AnswerTravels = TimeSpan.FromMilliseconds(200);

    /// <summary>Of a peer's sections, what microphones keep however many videos there are: one part in so many.</summary>
    const int MicrophonesKeep = 3;

    /// <summary>Sections left to who may publish and has not offered yet.</summary>
    const int MicrophoneAndCamera = 2;

    // Used anew for each participant.
    readonly List<Publication> audio = [];
    readonly List<Publication> video = [];
    readonly HashSet<Publication> wanted = [];
    readonly List<Subscription> gaveWay = [];

    /// <summary>Videos that anybody in the room is shown, beyond what they pin; null: all.</summary>
    public int? LastN { get; set; }

    /// <summary>Makes a participant's sections play what they are to play, and says so when there are too few.</summary>
    public void Fill(Instant now, Participant subscriber, IReadOnlyList<Publication> publications)
    {
        if (subscriber.HasLeft || !subscriber.Peer.Grants.Subscribe) return;
        if (!subscriber.Selection.IsEveryone)
        {
            Follow(now, subscriber, publications);
            return;
        }

        Choose(subscriber, publications);
        foreach (var subscription in subscriber.Subscriptions.Values)
        {
            if (!wanted.Contains(subscription.Publication)) gaveWay.Add(subscription);
        }

        foreach (var subscription in gaveWay) Free(subscription);
        foreach (var publication in audio) TryBind(now, subscriber, publication);
        foreach (var publication in video) TryBind(now, subscriber, publication);
        foreach (var subscription in gaveWay) TellFree(subscription);
        gaveWay.Clear();
        TellNeeds(subscriber);
    }

    /// <summary>What of the others' tracks is to be played, by kind, the most important first.</summary>
    void Choose(Participant subscriber, IReadOnlyList<Publication> publications)
    {
        audio.Clear();
        video.Clear();
        wanted.Clear();
        gaveWay.Clear();
        foreach (var publication in publications)
        {
            if (publication.Publisher == subscriber) continue;
            if (!subscriber.CanPlay(publication)) TellUnplayable(subscriber, publication);
            else (publication.Kind == SectionKind.Audio ? audio : video).Add(publication);
        }

        var there = audio.Count + video.Count;
        var publishing = subscriber.Peer.Negotiation.HasAnswered || !subscriber.Peer.Grants.Publish ? subscriber.SectionsPublishing() : MicrophoneAndCamera;
        var free = Math.Max(0, subscriber.Peer.Grants.MaxSections - publishing);
        // Sections that are offered stay what they are: what one kind has, the other cannot get any more.
        var offered = subscriber.SectionsOffered();
        // What the people of another part are shown is that part's to choose.
        var videos = subscriber.Relay is not null ? video.Count : Math.Min(video.Count, Math.Min(subscriber.View.LastN ?? int.MaxValue, LastN ?? int.MaxValue));
        var videosFit = Math.Max(0, free - Math.Max(offered.Audio, free / MicrophonesKeep));
        Rooms.LastN.Choose(video, Math.Min(videos, videosFit), subscriber.View, speakers.Recent);
        if (video.Count > videosFit) video.RemoveRange(videosFit, video.Count - videosFit);
        Rooms.LastN.Choose(audio, Math.Max(0, free - Math.Max(video.Count, offered.Video)), subscriber.View, speakers.Recent);
        wanted.UnionWith(audio);
        wanted.UnionWith(video);
        subscriber.IsLimited = wanted.Count < there;
    }

    /// <summary>One who follows a single publisher has offered all the sections it wants: they pass to the next one when there is another.</summary>
    void Follow(Instant now, Participant subscriber, IReadOnlyList<Publication> publications)
    {
        var publisher = subscriber.Selection.Choose(publications);
        foreach (var subscription in subscriber.Subscriptions.Values.Where(held => held.Publication.PublisherId != publisher).ToList()) Unbind(subscription);
        foreach (var publication in publications)
        {
            if (publication.PublisherId == publisher) TryBind(now, subscriber, publication);
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
        Free(subscription);
        TellFree(subscription);
    }

    void Free(Subscription subscription)
    {
        table.Remove(subscription);
        selection.Changed.Add(subscription.Publication);
        subscription.Subscriber.Subscriptions.Remove(subscription.Publication);
        subscription.Stream.Unbind();
    }

    /// <summary>Unless something else plays there already.</summary>
    void TellFree(Subscription subscription)
    {
        if (subscription.Subscriber.HasLeft || subscription.Section.Outgoing != subscription.Stream || subscription.Stream.Track is not null || subscription.Subscriber.Relay is not null) return;
        events.Enqueue(new SectionBoundEvent(room, epoch, subscription.Subscriber.Id, subscription.Section.Mid));
    }

    void TryBind(Instant now, Participant subscriber, Publication publication)
    {
        if (subscriber.Subscriptions.ContainsKey(publication)) return;
        foreach (var section in subscriber.Peer.Negotiation.Sections)
        {
            if (section.Outgoing is not { Track: null } stream || !stream.TryBind(publication.Media)) continue;
            section.Playing = new Msid(publication.PublisherId, publication.Track);
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

            // The other part of the room is told over the link itself.
            if (subscriber.Relay is null) events.Enqueue(new SectionBoundEvent(room, epoch, subscriber.Id, section.Mid, publication.PublisherId, publication.Track));
            return;
        }
    }

    void TellUnplayable(Participant subscriber, Publication publication)
    {
        if (!subscriber.Unplayable.Add(publication) || subscriber.Relay is not null) return;
        events.Enqueue(new UnplayableEvent(room, epoch, subscriber.Id, publication.PublisherId, publication.Track, publication.Info.Codec));
    }

    /// <summary>After <see cref="Choose"/>.</summary>
    void TellNeeds(Participant subscriber)
    {
        if (subscriber.Relay is not null) return;
        var needed = new SectionCount(audio.Count, video.Count);
        var offered = subscriber.SectionsOffered();
        if ((needed.Audio <= offered.Audio && needed.Video <= offered.Video) || needed == subscriber.SectionsTold) return;
        subscriber.SectionsTold = needed;
        events.Enqueue(new SectionsNeededEvent(room, epoch, subscriber.Id, needed.Audio, needed.Video));
    }
}
