using Realtime.Media.Core;

namespace Realtime.Media.Congestion;

/// <summary>
/// How much may leave at once: a debt that packets run up and time pays off at a multiple of the estimate. While the debt is small, which on a link that carries
/// more than is sent is always, a packet costs an addition and a comparison.
/// </summary>
public struct Pacer
{
    /// <summary>Above the estimate, so that nothing waits that the link would take: frames come in clumps.</summary>
    const double Factor = 2.5;

    /// <summary>Leaves at once: what the paced rate carries in this time, a few packets at least.</summary>
    const double BurstSeconds = 0.04;
    const double MinBurst = 6 * 1200;

    const double RepairSeconds = 0.3;

    double debt;
    double bytesPerNanosecond;
    double burst;
    Instant paidAt;

    /// <summary>Null: nothing is known of the link, nothing waits.</summary>
    public void Follow(Bitrate? estimate)
    {
        bytesPerNanosecond = estimate is { } rate ? rate.BitsPerSecond * Factor / 8e9 : 0;
        burst = Math.Max(MinBurst, bytesPerNanosecond * 1e9 * BurstSeconds);
    }

    /// <summary>Whether a packet may leave now.</summary>
    public bool Allows(Instant now)
    {
        if (debt <= burst || bytesPerNanosecond == 0) return true;
        Pay(now);
        return debt <= burst;
    }

    /// <summary>Whether a repair may: it goes before what waits, but not without end.</summary>
    public readonly bool AllowsRepair => bytesPerNanosecond == 0 || debt <= burst + (bytesPerNanosecond * 1e9 * RepairSeconds);

    public void Charge(int length) => debt += length;

    /// <summary>Time pays. Called wherever the time is looked at anyway, at least each tenth of a second of traffic.</summary>
    public void Pay(Instant now)
    {
        debt = Math.Max(0, debt - ((now.Nanoseconds - paidAt.Nanoseconds) * bytesPerNanosecond));
        paidAt = now;
    }
}
