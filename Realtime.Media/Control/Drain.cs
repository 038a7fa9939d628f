using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Control;

/// <summary>Once begun, this node takes no new rooms, and signaling moves those that live here; an operator may end it, unless the process stops.</summary>
public sealed class Drain
{
    readonly Lock gate = new();
    volatile bool isDraining;
    bool isForGood;

    public bool IsDraining => isDraining;

    /// <param name="forGood">The process stops: nothing ends it any more.</param>
    public void Begin(bool forGood = false)
    {
        lock (gate)
        {
            isForGood |= forGood;
            if (isDraining) return;
            isDraining = true;
        }

        ActionLog.Record("media", "drainBegun");
    }

    /// <summary>False: the process stops.</summary>
    public bool TryEnd()
    {
        lock (gate)
        {
            if (isForGood) return false;
            if (!isDraining) return true;
            isDraining = false;
        }

        ActionLog.Record("media", "drainEnded");
        return true;
    }
}
