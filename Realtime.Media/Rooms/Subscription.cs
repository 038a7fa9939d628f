using Realtime.Media.Peers;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>
/// One track playing in one receive section of one participant. What it gets is the best layer that its client wishes, that the bandwidth allows, and that its publisher
/// sends: <see cref="LayerSelection"/> puts the three together.
/// </summary>
public sealed class Subscription(Publication publication, Participant subscriber, Section section)
{
    public Publication Publication { get; } = publication;

    public Participant Subscriber { get; } = subscriber;

    public Section Section { get; } = section;

    /// <summary>The section's stream when it was bound: a section that lost it is this subscription's end.</summary>
    public SendStream Stream { get; } = section.Outgoing!;

    /// <summary>What the client asks for; set by <see cref="LayerSelection.Wish"/>.</summary>
    public LayerWish Wish { get; internal set; }

    /// <summary>What the bandwidth allows; set by <see cref="LayerSelection.Allow"/>. Everything, where nobody allocates.</summary>
    public LayerId Target { get; internal set; } = LayerId.Best;

    /// <summary>The layer that both allow, whether or not its publisher sends it now.</summary>
    public LayerId Wanted { get; internal set; } = LayerId.Best;

    /// <summary>Rows of the forwarding table that it stands in, by the bits of <see cref="SendStream.Listens"/>.</summary>
    internal int Placed { get; set; }
}
