using Realtime.Contracts;
using Realtime.Media.Peers;
using Realtime.Media.Relay;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>One presence in a room: a peer, and what it plays.</summary>
public sealed class Participant(ParticipantInfo info, Peer peer)
{
    public string Id => Info.Participant;

    public ParticipantInfo Info { get; set; } = info;

    /// <summary>Another one when the client came with a new peer connection (<see cref="Room.Renew"/>).</summary>
    public Peer Peer { get; internal set; } = peer;

    /// <summary>How loud it is, and whether that is speech.</summary>
    public VoiceActivity Voice { get; } = new();

    /// <summary>How well it is connected.</summary>
    public QualityWatch Quality { get; } = new();

    /// <summary>Among those <see cref="ActiveSpeakers"/> looks at.</summary>
    internal bool IsHeard { get; set; }

    /// <summary>How many videos it wants, and whose in any case.</summary>
    public ParticipantView View { get; set; } = ParticipantView.Default;

    /// <summary>It plays less than there is: who speaks decides what.</summary>
    public bool IsLimited { get; set; }

    /// <summary>Whose tracks it plays.</summary>
    public Selection Selection { get; init; } = Selection.Everyone;

    /// <summary>The token an HTTP session was opened with, as signaling named it.</summary>
    public string? Token { get; init; }

    public Dictionary<Publication, Subscription> Subscriptions { get; } = [];

    /// <summary>Tracks it was told it cannot play.</summary>
    public HashSet<Publication> Unplayable { get; } = [];

    /// <summary>What it asked of tracks, bound or not; those it asked nothing of are not in it.</summary>
    public Dictionary<Publication, LayerWish> Wishes { get; } = [];

    /// <summary>How its link's bandwidth is shared out.</summary>
    public Allocation Allocation { get; } = new();

    /// <summary>Set: no participant but a link to another part of the room, and all that comes from there.</summary>
    public RelayLink? Relay { get; init; }

    public bool HasLeft { get; set; }

    /// <summary>What it was last told to offer.</summary>
    public SectionCount SectionsTold { get; set; }

    public PeerState StateTold { get; set; }

    /// <summary>Receive sections it has offered.</summary>
    public SectionCount SectionsOffered()
    {
        var count = default(SectionCount);
        foreach (var section in Peer.Negotiation.Sections)
        {
            if (section.Outgoing is not null) count = count.Plus(section.Kind);
        }

        return count;
    }

    /// <summary>False when it has receive sections of the kind and negotiated a codec for it in none; unknown before that.</summary>
    public bool CanPlay(SectionKind kind, Codec codec)
    {
        var isKnown = false;
        foreach (var section in Peer.Negotiation.Sections)
        {
            if (section.Outgoing is not { } stream || stream.Kind != kind) continue;
            if (stream.CanPlay(kind, codec)) return true;
            isKnown = true;
        }

        return !isKnown;
    }

    /// <summary>The same as far as it is known: before there is a receive section, what it offered to send is taken for what it plays.</summary>
    public bool ProbablyPlays(SectionKind kind, Codec codec)
    {
        if (SectionsOffered().Of(kind) > 0) return CanPlay(kind, codec);
        var offered = Peer.Negotiation.Sections.Where(section => section.Kind == kind && !section.IsRejected).ToList();
        return offered.Count == 0 || offered.Exists(section => section.Codecs.Any(ours => CodecFormat.Decodes(ours, codec)));
    }

    public bool CanPlay(Publication publication) => CanPlay(publication.Kind, publication.Media.Codec);

    public int SectionsPublishing() => Peer.Negotiation.Sections.Count(section => section.Incoming is not null);
}

/// <summary>Receive sections by kind.</summary>
public readonly record struct SectionCount(int Audio, int Video)
{
    public int Of(SectionKind kind) => kind == SectionKind.Audio ? Audio : Video;

    public SectionCount Plus(SectionKind kind) => kind == SectionKind.Audio ? this with { Audio = Audio + 1 } : this with { Video = Video + 1 };
}
