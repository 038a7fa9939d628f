using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.People;

/// <summary>People whose presence is to be told, changed or not: to one connection (<see cref="To"/>), or to all who read a channel they came to or went from (<see cref="Feed"/>).</summary>
/// <param name="Left">They went: who is offline now is told as such once more, because nobody there hears of them any more.</param>
public sealed record Introduction(IReadOnlyList<string> Users, ConnectionLanes? To = null, ChannelFeed? Feed = null, bool Left = false);

/// <summary>What the teller has to tell.</summary>
/// <param name="Changed">Users whose devices changed.</param>
sealed record PresenceWork(IReadOnlyList<string> Changed, IReadOnlyList<Introduction> Introductions);
