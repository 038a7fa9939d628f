using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Rooms;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Isolation;

/// <summary>A room in all detail and without what is nobody's business: no names, metadata, addresses or keys.</summary>
static class RoomDetails
{
    public static RoomDetail Of(RoomSlot slot, string node, int worker, Instant now) => new(
        slot.Room.Name, slot.Room.Epoch, node, worker, slot.Room.Settings with { Metadata = null }, slot.Room.SpeakingNow(),
        [.. slot.Peers.Values.Select(peer => Of(peer, now))], [.. slot.Room.Publications.Select(publication => publication.Info with { Source = null })]);

    static ParticipantDetail Of(PeerSlot slot, Instant now)
    {
        var (participant, peer) = (slot.Participant, slot.Participant.Peer);
        return new ParticipantDetail(
            participant.Id, peer.State.ToString().ToLowerInvariant(), participant.Info.Via, participant.Info.JoinedAt, participant.View.LastN, participant.View.Pinned.Count,
            participant.Voice.IsSpeaking, peer.Negotiation.Sections.Count, peer.Profile?.ToString(), peer.Path is { } path ? path.IsTcp ? "tcp" : "udp" : null,
            Statistics(slot), slot.Health.Failures,
            [.. peer.DescribePaths().Select(one => new CandidatePathDetail(
                one.Address.IsTcp ? "tcp" : "udp", one.Address.ToNetwork(), one.IsSelected, (long)(now - one.LastHeard).TotalMilliseconds))],
            slot.Pair);
    }

    static ParticipantStatistics Statistics(PeerSlot slot)
    {
        var participant = slot.Participant;
        var quality = participant.Quality;
        var playing = participant.Subscriptions.Values.ToDictionary(static held => held.Section);
        var publishing = slot.Room.Room.Publications.Where(each => each.Publisher == participant).ToDictionary(static each => each.Section);
        var tracks = new List<TrackStatistics>();
        for (var i = 0; i < Math.Min(quality.Up.Count, participant.Peer.Negotiation.Sections.Count); i++)
        {
            var section = participant.Peer.Negotiation.Sections[i];
            var kind = section.Kind == SectionKind.Audio ? MediaKind.Audio : MediaKind.Video;
            if (publishing.TryGetValue(section, out var publication))
            {
                tracks.Add(Of(section.Mid, publication.Track, LinkDirection.Up, kind, publication.Media.Codec.Name, quality.Up[i]));
            }

            if (section.Outgoing is { } outgoing)
            {
                var held = playing.GetValueOrDefault(section);
                tracks.Add(Of(section.Mid, held?.Publication.Track ?? "", LinkDirection.Down, kind, held?.Publication.Media.Codec.Name ?? "", quality.Down[i]) with
                {
                    KeyFrameRequests = outgoing.KeyframesWished,
                    Layer = held is { Publication.Media.Layers.IsLayered: true } ? NameOf(held.Stream.Current) : null,
                });
            }
        }

        return new ParticipantStatistics(
            quality.Current, participant.Peer.RoundTrip?.TotalMilliseconds, quality.Up.Sum(static rates => rates.Bitrate.BitsPerSecond), quality.Down.Sum(static rates => rates.Bitrate.BitsPerSecond),
            tracks, participant.Peer.Bandwidth?.Estimate?.BitsPerSecond);
    }

    /// <summary>Spatial and temporal, from 0: the smallest picture, the fewest frames.</summary>
    static string NameOf(LayerId layer) => layer.IsPaused ? "paused" : $"{layer.Spatial}.{layer.Temporal}";

    static TrackStatistics Of(string mid, string track, string direction, MediaKind kind, string codec, StreamRates rates) => new(
        mid, track, direction, kind, codec.ToLowerInvariant(), rates.Bitrate.BitsPerSecond, rates.Packets, rates.Lost, Math.Round(rates.Loss * 100, 1),
        Math.Round(rates.Jitter.TotalMilliseconds, 1), Freezes: rates.Freezes);
}
