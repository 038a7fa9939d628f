using Realtime.Contracts;

namespace Realtime.Signaling.Rooms;

/// <summary>
/// Which node gets a new room: of those that live, do not drain and are not full, the one that is used least. What heartbeats tell is up to a second old and differs by noise, so nodes
/// within <see cref="Step"/> of one another count as equal, and the one with fewer peers, then rooms, takes it.
/// </summary>
public static class NodeChoice
{
    /// <summary>A twentieth of a node.</summary>
    const double Step = 0.05;

    public static string? Choose(IEnumerable<NodeInfo> nodes) => nodes
        .Where(static node => node is { State: NodeState.Live, Full: false })
        .OrderBy(static node => Math.Floor(node.Usage / Step))
        .ThenBy(static node => node.Peers)
        .ThenBy(static node => node.Rooms)
        .ThenBy(static node => node.Node, StringComparer.Ordinal)
        .FirstOrDefault()?.Node;
}
