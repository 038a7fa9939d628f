using Realtime.Contracts;
using Realtime.Web.Live;

namespace Realtime.Web.Model;

/// <summary>What the console shows: the snapshot in the order in which an operator looks for trouble, and how far it can be trusted.</summary>
public sealed record ConsoleView(
    Freshness Freshness,
    string? Problem,
    AdminSnapshot? Snapshot,
    IReadOnlyList<NodeInfo> Nodes,
    IReadOnlyList<RoomView> Rooms,
    int RoomsLeftOut,
    IReadOnlyList<CircuitInfo> Circuits)
{
    /// <summary>Rooms drawn; the rest is counted.</summary>
    public const int MaxRooms = 200;

    /// <summary>Older than this is stale: signaling sends at least one snapshot a second.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(5);

    public bool IsDegraded => Snapshot is { Mode: not "normal" };

    public static ConsoleView From(FeedState state, DateTimeOffset now)
    {
        if (state.Snapshot is not { } snapshot)
            return new(state.Problem is null ? Freshness.Loading : Freshness.Unreachable, state.Problem, null, [], [], 0, []);
        var stale = state.Problem is not null || now - state.ReceivedAt > StaleAfter;
        var people = snapshot.Participants.ToLookup(static one => one.Room, StringComparer.Ordinal);
        var rooms = snapshot.Rooms.OrderByDescending(static room => room.Participants).ThenBy(static room => room.Room, StringComparer.Ordinal);
        return new(
            stale ? Freshness.Stale : Freshness.Live,
            state.Problem,
            snapshot,
            [.. snapshot.Nodes.OrderBy(static node => node.Node, StringComparer.Ordinal)],
            [.. rooms.Take(MaxRooms).Select(room => RoomView.From(room, people[room.Room]))],
            Math.Max(0, snapshot.Rooms.Count - MaxRooms),
            [.. snapshot.Circuits.OrderBy(static circuit => circuit.State == "closed").ThenByDescending(static circuit => circuit.State == "open").ThenBy(static circuit => circuit.Name, StringComparer.Ordinal)]);
    }
}
