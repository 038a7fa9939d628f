using Realtime.Media.Peers;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>One track playing in one receive section of one participant.</summary>
public sealed class Subscription(Publication publication, Participant subscriber, Section section)
{
    public Publication Publication { get; } = publication;

    public Participant Subscriber { get; } = subscriber;

    public Section Section { get; } = section;

    /// <summary>The section's stream when it was bound: a section that lost it is this subscription's end.</summary>
    public SendStream Stream { get; } = section.Outgoing!;
}
