using Realtime.Contracts;
using Realtime.Contracts.MediaControl;

namespace Realtime.Signaling.MediaControl;

/// <summary>The circuits of peer transports on all nodes, as the nodes tell them: named <c>NODE/peer:ROOM/USER</c>, shown beside this replica's own, reset on their node.</summary>
public sealed class PeerCircuits(NodeDirectory directory, MediaNodes nodes)
{
    public IReadOnlyList<CircuitInfo> All => directory.PeerCircuits();

    /// <summary>False: there is none of that name.</summary>
    public async Task<bool> ResetAsync(string name, CancellationToken cancellation)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || !nodes.TryGet(name[..slash], out var node) || !All.Any(one => one.Name == name))
            return false;
        await node.ResetCircuitAsync(new ResetCircuitCommand(Guid.CreateVersion7().ToString(), name[(slash + 1)..]), cancellation);
        return true;
    }
}
