using Realtime.Contracts;

namespace Realtime.Web.Components.Boards;

/// <summary>The circuits of every replica, troubled ones first.</summary>
public partial class CircuitsBoard
{
    static IEnumerable<CircuitInfo> Sorted(ReplicaReport report) => report.Circuits
        .OrderBy(static circuit => circuit.State == "closed").ThenByDescending(static circuit => circuit.State == "open").ThenBy(static circuit => circuit.Name, StringComparer.Ordinal);
}
