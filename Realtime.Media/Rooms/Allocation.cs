using Realtime.Media.Core;
using Realtime.Media.Peers;

namespace Realtime.Media.Rooms;

/// <summary>What the allocator remembers of one subscriber: so that it goes down at once when it must, and up only when that will last.</summary>
public sealed class Allocation
{
    /// <summary>After going down, so long nothing goes up; doubled when what went up came down soon.</summary>
    static readonly TimeSpan FirstHold = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(8);

    /// <summary>A rise that does not last this long was a mistake.</summary>
    static readonly TimeSpan Lasting = TimeSpan.FromSeconds(6);

    /// <summary>A small shortage that is over by then needs no other layer: the estimate is restless, and so are encoders.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(600);

    static readonly TimeSpan PatienceToPause = TimeSpan.FromMilliseconds(1500);

    static readonly TimeSpan Window = TimeSpan.FromMilliseconds(500);

    TimeSpan hold = FirstHold;
    Instant heldUntil = Instant.Zero;
    Instant raisedAt = Instant.Zero;
    Instant shortSince = Instant.Never;
    Instant measuredAt = Instant.Zero;
    long audioBytes;
    long repairBytes;

    /// <summary>It gets less than it asks for.</summary>
    public bool IsLimited { get; internal set; }

    /// <summary>In bit/s, as are repairs: what it is sent lately.</summary>
    public double Audio { get; private set; }

    public double Repairs { get; private set; }

    internal void Measure(Instant now, PeerBandwidth bandwidth)
    {
        var elapsed = now - measuredAt;
        if (elapsed < Window) return;
        if (measuredAt != Instant.Zero)
        {
            Audio += (((bandwidth.AudioBytes - audioBytes) * 8 / elapsed.TotalSeconds) - Audio) * 0.3;
            Repairs += (((bandwidth.RepairBytes - repairBytes) * 8 / elapsed.TotalSeconds) - Repairs) * 0.3;
        }

        (measuredAt, audioBytes, repairBytes) = (now, bandwidth.AudioBytes, bandwidth.RepairBytes);
    }

    internal void Enough() => shortSince = Instant.Never;

    /// <summary>Less fits than flows. Whether to act on it now.</summary>
    /// <param name="isUrgent">Waiting would only make it worse.</param>
    /// <param name="isPausing">A picture would be given up.</param>
    internal bool MustLower(Instant now, bool isUrgent, bool isPausing)
    {
        if (shortSince.IsNever) shortSince = now;
        return isUrgent || now - shortSince >= (isPausing ? PatienceToPause : Patience);
    }

    internal bool MayRaise(Instant now) => now >= heldUntil;

    internal void Raised(Instant now) => raisedAt = now;

    internal void Lowered(Instant now)
    {
        hold = raisedAt != Instant.Zero && now - raisedAt < Lasting ? Min(hold * 2, LongestHold) : FirstHold;
        heldUntil = now + hold;
        shortSince = Instant.Never;
    }

    static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
