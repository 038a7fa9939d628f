using Realtime.Media.Core;
using Realtime.Media.Sdp;

namespace Realtime.Media.Relay;

/// <summary>A track as the part of the room where it comes from tells of it.</summary>
/// <param name="Track">Its id in the room, the same in every part.</param>
/// <param name="Publisher">The participant whose it is.</param>
/// <param name="Codec">Under the relay's own payload type (<see cref="RelayCodecs"/>).</param>
/// <param name="Repair">The SSRC of its retransmissions; 0: there are none.</param>
public sealed record RelayedTrack(string Track, string Publisher, SectionKind Kind, Codec Codec, string Source, bool Muted, Ssrc Ssrc, Ssrc Repair);
