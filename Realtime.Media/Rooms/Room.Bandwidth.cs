using Realtime.Media.Core;

namespace Realtime.Media.Rooms;

/// <summary>Bandwidth: what each subscriber's link is thought to carry decides what it gets.</summary>
public sealed partial class Room
{
    BitrateAllocator? allocator;

    /// <summary>When something new is known of the participant's link, what it plays is shared out anew.</summary>
    void FollowBandwidth(Instant now, Participant participant)
    {
        if (participant.HasLeft || participant.Peer.Bandwidth is not { } bandwidth || !bandwidth.TakeNews(now)) return;
        allocator ??= new BitrateAllocator(Layers);
        allocator.Allocate(now, participant, bandwidth);
        if (Layers.Changed.Count > 0) TellDemands(now);
    }
}
