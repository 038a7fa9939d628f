using Realtime.Contracts;
using Realtime.Media.Core;
using Realtime.Media.Peers;
using Realtime.Media.Relay;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>
/// Relays: another part of the room, on another worker or node, is a participant here that publishes what comes from there and plays everything that does not. So a publication crosses
/// the link once however many watch it there, and repairs, key frame requests and layers work over it like towards anybody else. What people are told of it comes from the part they are in.
/// </summary>
public sealed partial class Room
{
    readonly List<Participant> relays = [];
    int dialled;
    int muteChanges;
    bool hasHadPeople;

    /// <summary>Nobody but links that this part itself has opened, once somebody has come for whom they were.</summary>
    public bool IsEmpty => participants.Count == dialled && (dialled == 0 || hasHadPeople);

    /// <summary>A part that was opened for somebody who is yet to come.</summary>
    public bool IsAwaited => dialled > 0 && !hasHadPeople;

    /// <summary>The other ends of links.</summary>
    public IReadOnlyList<Participant> Relays => relays;

    /// <summary>The other end of the link comes in; its id is the link's.</summary>
    public Participant JoinRelay(Instant now, string link, RelayPath path)
    {
        var info = new ParticipantInfo(link, link, link, JoinedAt: default);
        var grants = new PeerGrants(Publish: true, Subscribe: true, RelayLink.MaxSections, 2 * RelayLink.MaxSections);
        var joined = new Participant(info, new Peer(environment, grants, entropy, path)) { Relay = path.Link };
        participants.Add(link, joined);
        relays.Add(joined);
        if (path.Link.Dials) dialled++;
        ServeRelay(now, joined);
        return joined;
    }

    /// <summary>Rises with everything that other parts are told of.</summary>
    int Changes => trackChanges + muteChanges;

    /// <summary>Hears what another part told, and tells it what is new here. By the owner, after everything that touched the room: cheap when there is nothing.</summary>
    public void ServeRelay(Instant now, Participant participant)
    {
        var link = participant.Relay!;
        if (!link.Channel.HasMessages && link.Served == Changes) return;
        while (!participant.HasLeft && link.Channel.TryTake(out var message)) Take(now, participant, link, message);
        if (participant.HasLeft) return;
        if (link.Channel.IsLost)
        {
            Leave(now, participant, LeaveReason.TransportClosed, outbox: null);
            return;
        }

        foreach (var kind in (ReadOnlySpan<SectionKind>)[SectionKind.Audio, SectionKind.Video]) link.Need(kind, publications.Count(each => each.Kind == kind && each.Publisher != participant));
        if (link.IsDirty && Negotiate(now, participant, link.TakeOffer(), []).Error is { } error) throw new InvalidOperationException($"A relay's own offer was refused: {error}");
        Announce(participant, link);
        link.Served = Changes;
        Touched.Enqueue(participant);
    }

    void ForgetRelay(Participant participant)
    {
        relays.Remove(participant);
        if (participant.Relay!.Dials) dialled--;
    }

    void Take(Instant now, Participant participant, RelayLink link, RelayMessage message)
    {
        switch (message.Kind)
        {
            case RelayMessageKind.Published or RelayMessageKind.Unpublished:
                link.Set(message.Mid, message.Track);
                // One by one: a section that is reused ends before it begins.
                if (link.IsDirty) Negotiate(now, participant, link.TakeOffer(), []);
                break;
            case RelayMessageKind.Muted:
                if (publications.Find(each => each.Publisher == participant && each.Section.Mid == message.Mid) is { } muted) Apply(now, muted, muted.Mute with { ByPublisher = message.Muted });
                break;
            case RelayMessageKind.Wish:
                if (participant.Subscriptions.Values.FirstOrDefault(each => each.Section.Mid == message.Mid) is not { } wished) break;
                participant.Wishes[wished.Publication] = new LayerWish(message.Wish.MaxWidth, message.Wish.MaxHeight, message.Wish.MaxFramesPerSecond, Paused: message.Wish.Paused);
                Layers.Wish(now, wished, participant.Wishes[wished.Publication]);
                TellDemands(now);
                break;
            case RelayMessageKind.Goodbye:
                Leave(now, participant, LeaveReason.Left, outbox: null);
                break;
        }
    }

    /// <summary>What those here need of a track goes back to where it comes from, as it goes to a client that publishes.</summary>
    void Wish(Publication publication, RelayLink link)
    {
        var (width, height) = publication.Demand.Largest;
        link.Wish(publication.Section.Mid, new RelayWish((ushort)Math.Min(width, ushort.MaxValue), (ushort)Math.Min(height, ushort.MaxValue), 0, Paused: publication.Demand.Wanted == 0));
        Touched.Enqueue(publication.Publisher);
    }

    static Publication Relayed(Participant link, Section section, RelayedTrack track) =>
        new(track.Track, link, section, track.Source.Length == 0 ? null : track.Source) { Origin = track.Publisher, Mute = new MuteState(track.Muted, ByModerator: false, IsLocked: false) };

    void Announce(Participant participant, RelayLink link)
    {
        var playing = participant.Subscriptions.Values.ToDictionary(static each => each.Section.Mid, StringComparer.Ordinal);
        foreach (var mid in link.ToldMids.Where(mid => !playing.ContainsKey(mid)).ToList()) link.Tell(mid, null);
        foreach (var (mid, subscription) in playing) link.Tell(mid, Describe(subscription));
    }

    static RelayedTrack Describe(Subscription subscription)
    {
        var (publication, stream) = (subscription.Publication, subscription.Stream);
        var codec = subscription.Section.Codecs.First(each => each.PayloadType == stream.PayloadType);
        return new RelayedTrack(publication.Track, publication.PublisherId, publication.Kind, codec with { Feedback = [] }, publication.Source ?? "", publication.Muted, stream.Ssrc, stream.Rtx?.Ssrc ?? default);
    }
}
