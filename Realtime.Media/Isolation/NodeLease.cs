using Realtime.Media.Core;

namespace Realtime.Media.Isolation;

/// <summary>
/// Whether the node's rooms are certainly still its own. A replica calls a node lost after a second without a heartbeat at the earliest; so when this process has not beaten for
/// <see cref="Longest"/> (SIGSTOP, a suspended machine, a starved processor) its rooms may be another's by now, and its workers forward nothing until somebody has looked. Whoever
/// notices first, a worker or the beat itself, notices for all. Thread-safe.
/// </summary>
public sealed class NodeLease(Instant now)
{
    /// <summary>A second, less a heartbeat's interval: one may have left just before the process stopped.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(750);

    readonly Lock gate = new();
    long beatAt = now.Nanoseconds;
    long fences;
    long pause;
    volatile bool isWatched;

    /// <summary>How long the process stood still the last time.</summary>
    public TimeSpan LastPause => TimeSpan.FromTicks(Volatile.Read(ref pause) / 100);

    /// <summary>Some replica listens: without one nobody gives a room away.</summary>
    public void Watch() => isWatched = true;

    /// <summary>A heartbeat leaves.</summary>
    public void Beat(Instant now)
    {
        lock (gate)
        {
            Look(now);
            Volatile.Write(ref beatAt, now.Nanoseconds);
        }
    }

    /// <summary>How often the lease was lost so far. A worker that sees a new number is fenced by it. Cheap: asked before anything is sent.</summary>
    public long Look(Instant now)
    {
        if (isWatched && now.Nanoseconds - Volatile.Read(ref beatAt) > (long)Longest.TotalNanoseconds) Lose(now);
        return Volatile.Read(ref fences);
    }

    void Lose(Instant now)
    {
        lock (gate)
        {
            var silence = now.Nanoseconds - beatAt;
            if (silence <= (long)Longest.TotalNanoseconds) return;
            Volatile.Write(ref pause, silence);
            Volatile.Write(ref beatAt, now.Nanoseconds);
            Volatile.Write(ref fences, fences + 1);
        }
    }
}

/// <summary>What a report about it says: nothing was thrown, but people were cut off.</summary>
public sealed class NodeSleptException(TimeSpan pause)
    : Exception($"The process stood still for {pause.TotalSeconds:F1} s; its rooms forward nothing until they are confirmed.");
