using Realtime.Media.Core;

namespace Realtime.Media.Congestion;

/// <summary>
/// What loss says of the rate. Radio links lose packets whatever is sent, and slowing down for that would starve a call for nothing; a policer or a full queue
/// loses what goes beyond the link's rate. So heavy loss cuts the rate, and when as much is lost afterwards the loss is the link's own (<see cref="Own"/>) and
/// no reason to cut again.
/// </summary>
public struct LossController()
{
    /// <summary>Fewer packets say nothing.</summary>
    const int MinPackets = 20;

    /// <summary>Packets after which a sample counts as much as all before it.</summary>
    const double Memory = 150;

    /// <summary>Below this, loss is left to repairs; with a standing queue it has a cause that a lower rate removes.</summary>
    const double Bearable = 0.15, BearableInQueue = 0.04;
    const double StandingQueueMilliseconds = 100;

    const double Heavy = 0.30;

    /// <summary>A cut's effect is seen on so many packets.</summary>
    const int TrialPackets = 60;

    /// <summary>Only a cut that made the sender send so much less can be judged.</summary>
    const double Noticeable = 0.92;

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan TakesEffectAfter = TimeSpan.FromMilliseconds(400);

    int arrived;
    int lost;
    int trialArrived;
    int trialLost;
    double lossBeforeCut;
    double sentBeforeCut;
    bool isOnTrial;
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
    /// <param name="queueMilliseconds">How long packets wait on the way, about.</param>
    public double? Take(Instant now, double rate, double acknowledged, double queueMilliseconds)
    {
        var missing = Math.Max(0, lost);
        var total = arrived + missing;
        if (total < MinPackets || now - sampledAt < Interval) return null;
        var sample = missing / (double)total;
        Recent += (sample - Recent) * (total / (total + Memory));
        var isQueueing = queueMilliseconds > StandingQueueMilliseconds;
        if (isOnTrial && !isQueueing) Try(now, missing, total, acknowledged);
        (arrived, lost, sampledAt) = (0, 0, now);
        if (Recent < Own) Own += (Recent - Own) * 0.3;
        // Where a queue stands nothing is learnt: it overflows.
        if (isQueueing) return Recent < Own + BearableInQueue || now - cutAt < TakesEffectAfter ? null : CutQueue(now, rate, acknowledged);
        if (isOnTrial || Recent < Math.Max(Bearable, (1.5 * Own) + 0.05)) return null;
        (cutAt, isOnTrial, trialArrived, trialLost) = (now, true, 0, 0);
        (lossBeforeCut, sentBeforeCut) = (sample, SentFor(acknowledged, sample));
        return Math.Min(rate, Recent > Heavy ? acknowledged * 0.9 : Math.Max(rate * (1 - (0.5 * Recent)), acknowledged * 0.95));
    }

    double CutQueue(Instant now, double rate, double acknowledged)
    {
        (cutAt, isOnTrial) = (now, false);
        return Math.Min(rate, acknowledged * 0.85);
    }

    /// <summary>A link's own loss stays what it was; of a full link's the part that was sent too much is gone.</summary>
    void Try(Instant now, int missing, int total, double acknowledged)
    {
        if (now - cutAt < TakesEffectAfter) return;
        trialLost += missing;
        trialArrived += total - missing;
        if (trialLost + trialArrived < TrialPackets) return;
        isOnTrial = false;
        Recent = trialLost / (double)(trialLost + trialArrived);
        var sent = SentFor(acknowledged, Recent);
        // Loss that heavy is an overload whatever else it is.
        if (lossBeforeCut > Heavy) return;
        if (sent > sentBeforeCut * Noticeable) return;
        var expected = Math.Max(0, 1 - ((1 - lossBeforeCut) * sentBeforeCut / sent));
        if (Recent > (lossBeforeCut + expected) / 2) Own = Math.Max(Own, Recent);
    }

    static double SentFor(double acknowledged, double loss) => acknowledged / Math.Max(1 - loss, 0.05);
}
