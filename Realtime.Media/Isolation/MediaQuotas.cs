using Realtime.Media.Core;

namespace Realtime.Media.Isolation;

/// <summary>What one peer and one node may use (design §4). Excess is dropped and counted; a peer that stays over is closed.</summary>
public sealed record MediaQuotas
{
    /// <summary>Of a link between workers: what crosses it was held against its publishers' quotas before.</summary>
    public static readonly MediaQuotas Unlimited = new() { PeerBitrate = new Bitrate(long.MaxValue / 2), PeerPacketsPerSecond = int.MaxValue };

    public Bitrate PeerBitrate { get; init; } = new(20_000_000);

    public int PeerPacketsPerSecond { get; init; } = 4000;

    /// <summary>Sections a peer publishes in at once.</summary>
    public int PeerTracks { get; init; } = 8;

    public int PeerSections { get; init; } = 64;

    /// <summary>Peers between their first offer and the end of the handshake; beyond it the oldest is evicted. Per worker its share.</summary>
    public int HalfOpenHandshakes { get; init; } = 1000;
}
