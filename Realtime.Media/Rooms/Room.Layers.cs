using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>Layers: what participants ask of tracks, and what publishers are told of it.</summary>
public sealed partial class Room
{
    /// <summary>What a participant wishes of other people's tracks, bound already or not. Tracks that are not in the room are passed over: they ended meanwhile.</summary>
    public void Subscribe(Instant now, Participant participant, IReadOnlyList<TrackWish> wishes)
    {
        foreach (var wish in wishes)
        {
            if (publications.Find(each => each.Track == wish.Track) is not { } publication || publication.Publisher == participant) continue;
            var wanted = new LayerWish(
                Math.Max(wish.MaxWidth ?? 0, 0), Math.Max(wish.MaxHeight ?? 0, 0), Math.Max(wish.MaxFps ?? 0, 0), wish.Priority ?? 0, wish.Paused ?? false, wish.Pinned ?? false);
            participant.Wishes[publication] = wanted;
            if (participant.Subscriptions.TryGetValue(publication, out var subscription)) Layers.Wish(now, subscription, wanted);
        }

        TellDemands(now);
    }

    void LayersChanged(Instant now, Publication publication)
    {
        Layers.LayersChanged(now, publication);
        TellDemands(now);
    }

    /// <summary>Everything that somebody may need now and did not before, or the other way round.</summary>
    void TellDemands(Instant now)
    {
        foreach (var publication in Layers.Changed) TellDemand(now, publication);
        Layers.Changed.Clear();
    }

    /// <summary>What nobody has needed for a while.</summary>
    void ReviewDemands(Instant now, Participant publisher)
    {
        foreach (var publication in publications)
        {
            if (publication.Publisher == publisher) TellDemand(now, publication);
        }
    }

    void TellDemand(Instant now, Publication publication)
    {
        var demand = publication.Demand;
        if (publication.Publisher.HasLeft || !demand.TryChange(now, publication)) return;
        if (publication.Publisher.Relay is { } link)
        {
            Wish(publication, link);
            return;
        }

        List<string> wanted = [];
        for (var place = 0; place < publication.Media.Rids.Count; place++)
        {
            if ((demand.Wanted & (1 << place)) != 0) wanted.Add(publication.Media.Rids[place]);
        }

        Events.Enqueue(new LayersWantedEvent(Name, Epoch, publication.Publisher.Id, publication.Track, wanted, demand.Wanted == 0, demand.Largest.Width, demand.Largest.Height));
    }
}
