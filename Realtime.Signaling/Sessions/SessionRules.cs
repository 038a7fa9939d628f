using Realtime.Signaling.Data;

namespace Realtime.Signaling.Sessions;

/// <summary>The times of a session's life (design §3, promise 3).</summary>
public static class SessionRules
{
    /// <summary>How long a session waits for its client to come back.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    /// <summary>Silence after which a replica counts as dead; its sessions get the lease on top.</summary>
    public static readonly TimeSpan ReplicaDeadAfter = ReplicaStore.DeadAfter;

    /// <summary>From the upgrade to Hello.</summary>
    public static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(10);

    /// <summary>Longer than the 15 s at which stock clients ping, and short enough that a silent loss and the lease together stay below 30 s.</summary>
    public static readonly TimeSpan SilentAtMost = TimeSpan.FromSeconds(18);

    /// <summary>A reader that is too slow for this long is closed (design §8).</summary>
    public static readonly TimeSpan SlowAtMost = TimeSpan.FromSeconds(15);

    /// <summary>How long the last words of a connection may take.</summary>
    public static readonly TimeSpan FarewellAtMost = TimeSpan.FromSeconds(5);

    /// <summary>A token that ends while the issuer's store is away is honoured this much longer (design §5).</summary>
    public static readonly TimeSpan ExpiryGrace = TimeSpan.FromMinutes(5);

    /// <summary>The lease of a session whose client was not heard for a while before its connection was given up: all together stay below 30 s (design §3, promise 3).</summary>
    public static TimeSpan LeaseAfter(TimeSpan silence) => TimeSpan.FromTicks(Math.Clamp((LostAtMost - silence).Ticks, ShortestLease.Ticks, Lease.Ticks));

    /// <summary>From the last sign of life to the end of the lease.</summary>
    static readonly TimeSpan LostAtMost = TimeSpan.FromSeconds(28);

    static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(3);

    /// <summary>Longer than a Hello waits for its row: only then is a row of ours that no connection has a stray.</summary>
    public static readonly TimeSpan StrayAfter = TimeSpan.FromSeconds(4);

    /// <summary>What a dead replica's sessions may take altogether before they end.</summary>
    public static TimeSpan OrphanedAfter => ReplicaDeadAfter + Lease;
}
