using Realtime.Contracts;

namespace Realtime.Signaling.Rooms;

/// <summary>Which node gets a new room: of those that live and do not drain, the one with the fewest peers, then rooms, then by name.</summary>
public static class NodeChoice
{
    public static string? Choose(IEnumerable<NodeInfo> nodes) => nodes
        .Where(static node => node.State == NodeState.Live)
        .OrderBy(static node => node.Peers)
        .ThenBy(static node => node.Rooms)
        .ThenBy(static node => node.Node, StringComparer.Ordinal)
        .FirstOrDefault()?.Node;
}
