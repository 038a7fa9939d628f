using Realtime.Media.Core;
using Realtime.Media.Sdp;

namespace Realtime.Media.Relay;

/// <summary>
/// One end of the link between two parts of a room: which sections it has, what was told of those that go out, and what is known of those that come in. Without clock and socket; the
/// room serves it (<c>Rooms/Room.Relay.cs</c>), the peer carries it.
/// </summary>
/// <param name="own">The SSRC of this end's reports, by which the other worker knows whose they are.</param>
/// <param name="remote">That of the other end.</param>
/// <param name="dials">This part is the satellite: it opened the link, and ends with its last participant.</param>
public sealed class RelayLink(Ssrc own, Ssrc remote, bool dials)
{
    readonly RelayOffer offer = new(dials ? "d" : "a");
    readonly Dictionary<string, RelayedTrack> incoming = new(StringComparer.Ordinal);
    readonly Dictionary<string, RelayedTrack> told = new(StringComparer.Ordinal);
    readonly Dictionary<string, RelayWish> wished = new(StringComparer.Ordinal);

    /// <summary>Tracks that one link carries, each way; more are not relayed.</summary>
    public const int MaxSections = 2000;

    public Ssrc Own => own;

    public bool Dials => dials;

    public RelayChannel Channel { get; } = new(own);

    /// <summary>Sections changed since the last <see cref="TakeOffer"/>.</summary>
    public bool IsDirty { get; private set; } = true;

    /// <summary>SSRCs by which datagrams of the other end are known; rises with each change.</summary>
    public int Version { get; private set; } = 1;

    public IEnumerable<Ssrc> RemoteSsrcs => incoming.Values.SelectMany(static track => new[] { track.Ssrc, track.Repair }).Where(static ssrc => ssrc.Value != 0).Append(remote);

    /// <summary>The owner's count of changes up to which the other end knows of them.</summary>
    public int Served { get; set; } = -1;

    /// <summary>How many tracks go out at most.</summary>
    public void Need(SectionKind kind, int count)
    {
        if (offer.Sections < MaxSections) IsDirty |= offer.Grow(kind, Math.Min(count, MaxSections - offer.Sections));
    }

    public Offer TakeOffer()
    {
        IsDirty = false;
        return offer.Build();
    }

    /// <summary>What the other end said plays in its section. False: it names more than a link carries.</summary>
    public bool Set(string mid, RelayedTrack? track)
    {
        if (track is not null && !incoming.ContainsKey(mid) && offer.Sections >= 2 * MaxSections) return false;
        // Another track is another stream: the section ends in between.
        if (track is not null && incoming.TryGetValue(mid, out var before) && before == track) return true;
        if (track is null) incoming.Remove(mid);
        else incoming[mid] = track;
        wished.Remove(mid);
        offer.Set(mid, track);
        IsDirty = true;
        Version++;
        return true;
    }

    /// <summary>What comes in in the other end's section.</summary>
    public RelayedTrack? Incoming(string mid) => incoming.GetValueOrDefault(mid);

    /// <summary>Tells what plays in one of our sections, when that is news.</summary>
    public void Tell(string mid, RelayedTrack? track)
    {
        var before = told.GetValueOrDefault(mid);
        if (before == track) return;
        if (track is null)
        {
            told.Remove(mid);
            Channel.Send(new RelayMessage(RelayMessageKind.Unpublished, mid));
            return;
        }

        told[mid] = track;
        if (before is not null && before with { Muted = track.Muted } == track)
        {
            Channel.Send(new RelayMessage(RelayMessageKind.Muted, mid) { Muted = track.Muted });
            return;
        }

        if (before is not null) Channel.Send(new RelayMessage(RelayMessageKind.Unpublished, mid));
        Channel.Send(new RelayMessage(RelayMessageKind.Published, mid) { Track = track });
    }

    public IEnumerable<string> ToldMids => told.Keys;

    /// <summary>Tells what those here want of a track of the other end, when that is news.</summary>
    public void Wish(string mid, RelayWish wish)
    {
        if (wished.TryGetValue(mid, out var before) && before == wish) return;
        wished[mid] = wish;
        Channel.Send(new RelayMessage(RelayMessageKind.Wish, mid) { Wish = wish });
    }
}
