using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Control;

/// <summary>Once begun, this node takes no new rooms, and signaling moves those that live here.</summary>
public sealed class Drain
{
    volatile bool isDraining;

    public bool IsDraining => isDraining;

    public void Begin()
    {
        if (isDraining) return;
        isDraining = true;
        ActionLog.Record("media", "drainBegun");
    }
}
