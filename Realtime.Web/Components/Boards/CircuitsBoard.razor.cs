using Realtime.Contracts;

namespace Realtime.Web.Components.Boards;

/// <summary>The circuits of every replica, troubled ones first.</summary>
public partial class CircuitsBoard
{
    /// <summary>Troubled ones come first, so the rest is well.</summary>
    const int MaxPeers = 100;

    List<CircuitInfo> Peers => [.. View.Circuits.Where(static circuit => circuit.Name.Contains("/peer:", StringComparison.Ordinal))];

    static IEnumerable<CircuitInfo> Sorted(ReplicaReport report) => report.Circuits
        .OrderBy(static circuit => circuit.State == "closed").ThenByDescending(static circuit => circuit.State == "open").ThenBy(static circuit => circuit.Name, StringComparer.Ordinal);
}
