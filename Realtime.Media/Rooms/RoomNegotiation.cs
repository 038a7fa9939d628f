using Realtime.Media.Sdp;

namespace Realtime.Media.Rooms;

/// <summary>The outcome of an offer: an answer, or whose fault it was.</summary>
public readonly record struct RoomNegotiation(string? Answer, NegotiationError? Error);
