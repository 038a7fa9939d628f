using Realtime.Media.Core;

namespace Realtime.Media.Sdp;

/// <summary>The ssrc lines of one source together (RFC 5576 §4.1).</summary>
/// <param name="StreamId">Of <c>msid:</c>; empty without one.</param>
public sealed record SsrcDescription(Ssrc Ssrc, string Cname = "", string StreamId = "", string TrackId = "");

/// <summary>An ssrc-group line (RFC 5576 §4.2): with FID a source and its retransmissions (RFC 4588), with SIM layers.</summary>
public sealed record SsrcGroup(string Semantics, IReadOnlyList<Ssrc> Ssrcs);

/// <summary>An msid line (RFC 8830): which stream and track the section's media belong to. StreamId is empty for <c>-</c>.</summary>
public sealed record Msid(string StreamId, string TrackId);
