using Realtime.Contracts.MediaControl;
using Realtime.Media.Rooms;

namespace Realtime.Media.Isolation;

/// <summary>A room as it stands, in the words of the contract.</summary>
static class RoomSnapshots
{
    public static RoomSnapshot Of(Room room) => new(
        room.Name, room.Epoch, [.. room.Participants.Where(participant => participant.Relay is null).Select(Of)],
        [.. room.Publications.Where(publication => publication.Publisher.Relay is null).Select(publication => publication.Info)],
        room.Settings, room.Silenced.Count > 0 ? [.. room.Silenced] : null);

    static PeerSnapshot Of(Participant participant)
    {
        var offered = participant.SectionsOffered();
        return new PeerSnapshot(
            participant.Info,
            participant.Peer.State.ToString().ToLowerInvariant(),
            [
                .. participant.Subscriptions.Values.Select(subscription => new SectionBinding(
                    subscription.Section.Mid, subscription.Publication.PublisherId, subscription.Publication.Track)),
            ],
            offered.Audio,
            offered.Video,
            participant.Token,
            BandwidthOf(participant));
    }

    static BandwidthReport? BandwidthOf(Participant participant)
    {
        if (participant.Peer.Bandwidth is not { Estimate: { } estimate, Estimator: var estimator }) return null;
        return new BandwidthReport(
            estimate.BitsPerSecond, estimator.Acknowledged.BitsPerSecond, (long)estimator.Wanted, Math.Round(estimator.Loss, 3), (int)estimator.QueueMilliseconds, participant.Allocation.IsLimited);
    }
}
