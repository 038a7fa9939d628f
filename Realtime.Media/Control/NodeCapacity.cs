using Realtime.Contracts.MediaControl;

namespace Realtime.Media.Control;

/// <summary>What the node may be asked for: its share that is in use goes out with every heartbeat, and new rooms go where it is smallest.</summary>
/// <param name="Processors">Those the process may use.</param>
public sealed record NodeCapacity(int Peers, long PacketsPerSecond, int Processors)
{
    /// <summary>From here on no new rooms: what is there needs the rest to grow.</summary>
    const double FullAt = 0.9;

    public NodeLoad Rate(NodeLoad load)
    {
        var packets = load.PacketsInPerSecond + load.PacketsOutPerSecond;
        var usage = Math.Max(load.CpuPercent / (100.0 * Processors), Math.Max((double)load.Peers / Peers, (double)packets / PacketsPerSecond));
        return load with { Usage = Math.Round(usage, 3), Full = usage >= FullAt };
    }
}
