namespace Realtime.Media.Peers;

/// <summary>What a peer may do, and how much of it.</summary>
/// <param name="MaxTracks">Sections it publishes in at once.</param>
/// <param name="MaxSections">m= sections of its offers, idle ones included.</param>
public sealed record PeerGrants(bool Publish, bool Subscribe, int MaxTracks = 8, int MaxSections = 64);
