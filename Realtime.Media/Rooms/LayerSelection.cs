using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>
/// Which layer of a track each subscriber gets: the best that its client wishes, that the bandwidth allows, and that arrives. While the publisher does not send
/// what is wanted the next one below stands in; one above only when there is none below and nothing forbids it.
/// </summary>
/// <param name="touched">Publishers that were asked for something.</param>
public sealed class LayerSelection(ForwardingTable table, Queue<Participant> touched)
{
    /// <summary>Tracks of which others may be needed than before: to be taken by the owner after each call.</summary>
    public HashSet<Publication> Changed { get; } = [];

    /// <summary>What a client asks for, from now on.</summary>
    public void Wish(Instant now, Subscription subscription, LayerWish wish)
    {
        if (subscription.Wish == wish) return;
        subscription.Wish = wish;
        Choose(now, subscription);
    }

    /// <summary>What the bandwidth allows, from now on; <see cref="LayerId.Paused"/>: nothing.</summary>
    public void Allow(Instant now, Subscription subscription, LayerId target)
    {
        if (subscription.Target == target) return;
        subscription.Target = target;
        Choose(now, subscription);
    }

    /// <summary>Layers of the track started, stopped or changed.</summary>
    public void LayersChanged(Instant now, Publication publication)
    {
        foreach (var subscription in publication.Subscriptions) Choose(now, subscription);
    }

    /// <summary>Also for one that was just bound.</summary>
    public void Choose(Instant now, Subscription subscription)
    {
        var layer = Best(subscription);
        Changed.Add(subscription.Publication);
        if (layer != subscription.Stream.Selected)
        {
            subscription.Stream.Select(now, layer);
            touched.Enqueue(subscription.Publication.Publisher);
        }

        table.Place(subscription);
    }

    static LayerId Best(Subscription subscription)
    {
        var publication = subscription.Publication;
        var (wish, target, layers) = (subscription.Wish, subscription.Target, publication.Media.Layers);
        if (publication.Kind != SectionKind.Video) return subscription.Wanted = wish.Paused || target.IsPaused ? LayerId.Paused : LayerId.Best;
        var wanted = subscription.Wanted = layers.Within(wish).AtMost(target);
        if (wanted.IsPaused) return wanted;
        var spatial = layers.HighestActive(wanted.Spatial);
        if (spatial >= 0) return wanted with { Spatial = spatial };
        var above = layers.LowestActive();
        // Nothing arrives yet: whatever does first is as good.
        return above >= 0 && above <= target.Spatial ? wanted with { Spatial = above } : wanted;
    }
}
