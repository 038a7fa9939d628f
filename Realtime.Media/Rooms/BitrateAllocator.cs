using Realtime.Media.Core;
using Realtime.Media.Peers;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>
/// Shares what a subscriber's link is thought to carry among what it plays: audio first, all of it; then every video in its smallest form, by importance; then
/// better ones as long as something is left, the pinned and the speaking before the others, equals step by step. What does not fit even in its smallest form is paused:
/// a picture that stands still because nothing gets through helps nobody and costs the rest. Allocates nothing once its list is long enough.
/// </summary>
public sealed class BitrateAllocator(LayerSelection layers)
{
    /// <summary>Headers, numbers and protection, for what the layers' rates do not count.</summary>
    const double Overhead = 1.05;

    /// <summary>What flows may stay with a little less than it takes; what is to begin must fit with a little to spare.</summary>
    const double Keep = 0.9, Begin = 1.1;

    /// <summary>A picture is given up only when it clearly does not get through.</summary>
    const double KeepAtAll = 0.75;

    /// <summary>Below this part of what flows, waiting would fill a queue of a second within one.</summary>
    const double Urgent = 0.75, UrgentToPause = 0.4;

    /// <summary>More than this for repairs is not set aside: then it is the loss that must end.</summary>
    const double MostForRepairs = 0.25;

    struct Item
    {
        public Subscription Subscription;
        public int Rank;
        public LayerId Top;
        public LayerId Flowing;
        public LayerId Chosen;
        public double Cost;
    }

    Item[] items = new Item[8];
    int count;

    /// <summary>For one subscriber, by its link's estimate as it is now.</summary>
    public void Allocate(Instant now, Participant participant, PeerBandwidth bandwidth)
    {
        var allocation = participant.Allocation;
        allocation.Measure(now, bandwidth);
        var audio = allocation.Audio;
        var wanted = Collect(participant);
        bandwidth.Estimator.Wanted = wanted > 0 ? (wanted * Begin) + audio + allocation.Repairs : 0;
        if (bandwidth.Estimate is not { } estimate || bandwidth.Estimator.IsStarting)
        {
            AllowAll(now, allocation);
            return;
        }

        var budget = estimate.BitsPerSecond - audio - Math.Min(allocation.Repairs, estimate.BitsPerSecond * MostForRepairs);
        if (!allocation.IsLimited && wanted <= budget)
        {
            allocation.Enough();
            return;
        }

        Sort();
        Share(budget);
        Apply(now, allocation, budget);
    }

    /// <summary>The videos to be shared among; what all of them would take.</summary>
    double Collect(Participant participant)
    {
        count = 0;
        var wanted = 0.0;
        foreach (var subscription in participant.Subscriptions.Values)
        {
            var publication = subscription.Publication;
            if (publication.Kind != SectionKind.Video || publication.Muted || subscription.Wish.Paused) continue;
            var media = publication.Media.Layers;
            var top = media.Within(subscription.Wish);
            if (top.IsPaused) continue;
            if (count == items.Length) Array.Resize(ref items, items.Length * 2);
            wanted += CostOf(media, top);
            items[count++] = new Item
            {
                Subscription = subscription,
                Rank = subscription.Wish.Pinned ? 0 : (int)SubscriptionImportance.Of(subscription),
                Top = top,
                Flowing = top.AtMost(subscription.Target),
                Chosen = LayerId.Paused,
            };
        }

        return wanted;
    }

    void AllowAll(Instant now, Allocation allocation)
    {
        for (var i = 0; i < count; i++) layers.Allow(now, items[i].Subscription, LayerId.Best);
        allocation.IsLimited = false;
        allocation.Enough();
    }

    /// <summary>By importance, then as the client ranks them, then as they came. Few, and nearly always in order.</summary>
    void Sort()
    {
        for (var i = 1; i < count; i++)
        {
            var item = items[i];
            var j = i - 1;
            for (; j >= 0 && IsBefore(item, items[j]); j--) items[j + 1] = items[j];
            items[j + 1] = item;
        }
    }

    static bool IsBefore(in Item a, in Item b) =>
        a.Rank != b.Rank ? a.Rank < b.Rank : a.Subscription.Wish.Priority > b.Subscription.Wish.Priority;

    void Share(double left)
    {
        for (var i = 0; i < count; i++) TakeStep(ref items[i], ref left);
        for (var from = 0; from < count;)
        {
            var to = from + 1;
            while (to < count && !IsBefore(items[from], items[to])) to++;
            bool hasRisen;
            do
            {
                hasRisen = false;
                for (var i = from; i < to; i++) hasRisen |= TakeStep(ref items[i], ref left);
            }
            while (hasRisen);
            from = to;
        }
    }

    /// <summary>One layer more, if it fits: first the smallest picture with the frames there is room for, then larger pictures with all of them.</summary>
    static bool TakeStep(ref Item item, ref double left)
    {
        var media = item.Subscription.Publication.Media.Layers;
        var next = item.Chosen;
        do
        {
            next = NextOf(next, item.Top);
            if (next.IsPaused) return false;
            var cost = CostOf(media, next);
            var margin = next.Spatial > item.Flowing.Spatial || (next.Spatial == item.Flowing.Spatial && next.Temporal > item.Flowing.Temporal) ? Begin
                : item.Chosen.IsPaused ? KeepAtAll : Keep;
            if ((cost - item.Cost) * margin > left) continue;
            left -= cost - item.Cost;
            (item.Chosen, item.Cost) = (next, cost);
            return true;
        }
        // A layer that costs hardly more than the one below it may fit where that did not seem to.
        while (!item.Chosen.IsPaused && next != item.Top);
        return false;
    }

    /// <summary><see cref="LayerId.Paused"/> after the last.</summary>
    static LayerId NextOf(LayerId layer, LayerId top)
    {
        if (layer.IsPaused) return new LayerId(0, 0);
        if (layer.Spatial == 0 && layer.Temporal < top.Temporal) return layer with { Temporal = layer.Temporal + 1 };
        return layer.Spatial < top.Spatial ? new LayerId(layer.Spatial + 1, top.Temporal) : LayerId.Paused;
    }

    void Apply(Instant now, Allocation allocation, double budget)
    {
        var flowing = 0.0;
        var (isLower, isHigher, isPausing) = (false, false, false);
        for (var i = 0; i < count; i++)
        {
            ref var item = ref items[i];
            if (!item.Flowing.IsPaused) flowing += CostOf(item.Subscription.Publication.Media.Layers, item.Flowing);
            isLower |= IsLower(item.Chosen, item.Flowing);
            isHigher |= IsLower(item.Flowing, item.Chosen);
            isPausing |= item.Chosen.IsPaused && !item.Flowing.IsPaused;
        }

        if (isLower && !allocation.MustLower(now, budget < flowing * (isPausing ? UrgentToPause : Urgent), isPausing)) return;
        if (!isLower) allocation.Enough();
        var mayRaise = allocation.MayRaise(now);
        allocation.IsLimited = false;
        for (var i = 0; i < count; i++)
        {
            ref var item = ref items[i];
            var chosen = !mayRaise && IsLower(item.Flowing, item.Chosen) ? item.Flowing : item.Chosen;
            allocation.IsLimited |= IsLower(chosen, item.Top);
            layers.Allow(now, item.Subscription, chosen == item.Top ? LayerId.Best : chosen);
        }

        if (isLower) allocation.Lowered(now);
        else if (isHigher && mayRaise) allocation.Raised(now);
    }

    static bool IsLower(LayerId a, LayerId b) => a.Spatial != b.Spatial ? a.Spatial < b.Spatial : a.Temporal < b.Temporal;

    /// <summary>As measured; of a layer that does not arrive, because nobody has wanted it, as usual for its size.</summary>
    static double CostOf(TrackLayers media, LayerId layer)
    {
        var info = media[layer];
        if (info.IsActive && info.Bitrate.BitsPerSecond > 0) return info.Bitrate.BitsPerSecond * Overhead;
        const double BitsPerPixel = 2.7;
        if (info.Width > 0) return info.Width * info.Height * BitsPerPixel;
        var below = media.HighestActive(layer.Spatial);
        const double EachLarger = 3.5, Smallest = 150_000;
        var known = below >= 0 ? Math.Max(media[below, layer.Temporal].Bitrate.BitsPerSecond, Smallest) : Smallest;
        return known * Math.Pow(EachLarger, layer.Spatial - Math.Max(below, 0));
    }
}
