using Realtime.Media.Core;

namespace Realtime.Media.Sdp;

/// <summary>A rid line (RFC 8851): one encoding of a section.</summary>
/// <param name="Direction"><see cref="MediaDirection.SendOnly"/> or <see cref="MediaDirection.RecvOnly"/>.</param>
/// <param name="Restrictions">For example <c>max-width=1280</c>, <c>pt</c> excepted.</param>
public sealed record RidDescription(string Id, MediaDirection Direction, IReadOnlyList<PayloadType> PayloadTypes, IReadOnlyList<string> Restrictions);

/// <summary>One encoding in a simulcast line; <c>~</c> before it: it starts paused.</summary>
public readonly record struct SimulcastEncoding(string Rid, bool IsPaused);

/// <summary>A simulcast line (RFC 8853): streams in the order of preference, each a list of alternatives.</summary>
public sealed record SimulcastDescription(IReadOnlyList<IReadOnlyList<SimulcastEncoding>> Send, IReadOnlyList<IReadOnlyList<SimulcastEncoding>> Receive);
