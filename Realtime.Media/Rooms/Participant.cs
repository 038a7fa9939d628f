using Realtime.Contracts;
using Realtime.Media.Peers;
using Realtime.Media.Sdp;

namespace Realtime.Media.Rooms;

/// <summary>One presence in a room: a peer, and what it plays.</summary>
public sealed class Participant(ParticipantInfo info, Peer peer)
{
    public string Id => Info.Participant;

    public ParticipantInfo Info { get; } = info;

    public Peer Peer { get; } = peer;

    public Dictionary<Publication, Subscription> Subscriptions { get; } = [];

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

    public int SectionsPublishing() => Peer.Negotiation.Sections.Count(section => section.Incoming is not null);
}

/// <summary>Receive sections by kind.</summary>
public readonly record struct SectionCount(int Audio, int Video)
{
    public SectionCount Plus(SectionKind kind) => kind == SectionKind.Audio ? this with { Audio = Audio + 1 } : this with { Video = Video + 1 };
}
