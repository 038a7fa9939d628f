using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.People;

/// <summary>People whose presence is to be told, changed or not: to one connection (<see cref="To"/>), or to all who read a channel they came to (<see cref="Feed"/>).</summary>
public sealed record Introduction(IReadOnlyList<string> Users, ConnectionLanes? To = null, ChannelFeed? Feed = null);

/// <summary>What the teller has to tell.</summary>
/// <param name="Changed">Users whose devices changed.</param>
sealed record PresenceWork(IReadOnlyList<string> Changed, IReadOnlyList<Introduction> Introductions);
