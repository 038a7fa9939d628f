using Realtime.Media.Core;

namespace Realtime.Media.Congestion;

/// <summary>
/// What loss says of the rate. Radio links lose packets whatever is sent, and slowing down for that would starve a call for nothing: loss that stays when less
/// is sent, or that no queue goes with, is learnt as the link's own (<see cref="Own"/>). What goes well beyond it is taken for a policer or a full queue.
/// </summary>
public struct LossController()
{
    /// <summary>Fewer packets say nothing.</summary>
    const int MinPackets = 20;

    /// <summary>Packets after which a sample counts as much as all before it.</summary>
    const double Memory = 150;

    /// <summary>Below this, loss is left to repairs.</summary>
    const double Bearable = 0.15;

    const double Heavy = 0.30;

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan BetweenCuts = TimeSpan.FromMilliseconds(500);

    int arrived;
    int lost;
    Instant sampledAt = Instant.Zero;
    Instant cutAt = Instant.Zero;

    /// <summary>Part of the packets lost lately.</summary>
    public double Recent { get; private set; }

    /// <summary>Part of the packets this link loses whatever is sent.</summary>
    public double Own { get; private set; }

    public void Arrived(bool wasLost)
    {
        arrived++;
        if (wasLost) lost--;
    }

    public void Lost() => lost++;

    /// <summary>The rate to go down to, or null to leave it.</summary>
    /// <param name="acknowledged">What arrives, in bit/s: less than this is no cure.</param>
    public double? Take(Instant now, double rate, double acknowledged, LinkUse use)
    {
        var total = arrived + Math.Max(0, lost);
        if (total < MinPackets || now - sampledAt < Interval) return null;
        var sample = Math.Max(0, lost) / (double)total;
        (arrived, lost, sampledAt) = (0, 0, now);
        var weight = total / (total + Memory);
        Recent += (sample - Recent) * weight;
        if (use != LinkUse.Over) Own += (Recent - Own) * (Recent < Own ? 0.3 : 0.03);
        if (Recent < Math.Max(Bearable, (1.5 * Own) + 0.05) || now - cutAt < BetweenCuts) return null;
        cutAt = now;
        var cut = rate * (1 - (0.5 * Math.Min(Recent, Heavy * 2)));
        var least = acknowledged * (Recent > Heavy ? 0.85 : 0.95);
        return Math.Min(rate, Math.Max(cut, least));
    }
}
