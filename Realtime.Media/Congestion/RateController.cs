using Realtime.Media.Core;

namespace Realtime.Media.Congestion;

/// <summary>What the link shows at one moment, in bit/s.</summary>
/// <param name="Acknowledged">What arrives; 0: not known yet.</param>
/// <param name="Peak">The most that arrived in a short time while a queue stood.</param>
/// <param name="IsSparing">Much less is sent than the rate.</param>
/// <param name="QueueMilliseconds">About how long packets wait on the way.</param>
public readonly record struct LinkSample(double Acknowledged, double Peak, bool IsSparing, double QueueMilliseconds, TimeSpan RoundTrip);

/// <summary>
/// The rate by what the delay says (draft-ietf-rmcat-gcc-02 §5.5): down to a part of what really arrives when a queue grows, still while it drains, then up again:
/// by a twelfth a second far from where the limit was last met, by a fiftieth near it: probes find out about more, and a queue that is filled slowly is small when it
/// is noticed. Bits per second.
/// </summary>
public struct RateController(double start)
{
    const double Beta = 0.85;
    const double GrowthPerSecond = 1.08;
    const double GrowthNearCapacity = 1.02;
    const double NearCapacity = 0.9;

    /// <summary>
    /// Who sends little learns little of a link from a short queue: a frame's clump makes one. Then the rate goes down in steps, unless the queue is longer than this.
    /// </summary>
    const double LongQueueMilliseconds = 100;
    const double SparingBeta = 0.7;

    /// <summary>More than this much above what is really sent is a guess.</summary>
    const double MaxOverAcknowledged = 1.5;

    static readonly TimeSpan MinBetweenCuts = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan MaxBetweenCuts = TimeSpan.FromMilliseconds(200);

    Instant changedAt = Instant.Zero;
    Instant cutAt = Instant.Zero;
    bool isHolding;
    // Where the link was full lately, and how much that varies.
    double capacity;
    double deviation;

    public double Rate { get; private set; } = start;

    /// <summary>Known by other means: a probe, the loss.</summary>
    public void Set(Instant now, double rate)
    {
        Rate = rate;
        changedAt = now;
    }

    public void Bound(double min, double max) => Rate = Math.Clamp(Rate, min, max);

    public void Update(Instant now, LinkUse use, in LinkSample sample)
    {
        switch (use)
        {
            case LinkUse.Over:
                Cut(now, sample);
                break;
            case LinkUse.Under:
                isHolding = true;
                changedAt = now;
                break;
            default:
                Raise(now, sample.Acknowledged);
                break;
        }
    }

    void Cut(Instant now, in LinkSample sample)
    {
        var (acknowledged, roundTrip) = (Math.Max(sample.Acknowledged, sample.Peak), sample.RoundTrip);
        var pause = roundTrip < MinBetweenCuts ? MinBetweenCuts : roundTrip > MaxBetweenCuts ? MaxBetweenCuts : roundTrip;
        if (now - cutAt < pause && acknowledged > Rate / 2) return;
        var target = acknowledged > 0 ? acknowledged * Beta : Rate / 2;
        if (target > Rate && capacity > 0) target = Math.Min(Rate, capacity * Beta);
        if (sample.IsSparing && sample.QueueMilliseconds < LongQueueMilliseconds) target = Math.Max(target, Rate * SparingBeta);
        if (acknowledged > 0) LearnCapacity(acknowledged);
        (changedAt, cutAt, isHolding) = (now, now, true);
        Rate = Math.Min(Rate, target);
    }

    void Raise(Instant now, double acknowledged)
    {
        if (isHolding)
        {
            (isHolding, changedAt) = (false, now);
            return;
        }

        var seconds = Math.Clamp((now - changedAt).TotalSeconds, 0, 1);
        changedAt = now;
        if (capacity > 0 && acknowledged > capacity + (3 * deviation)) capacity = 0;
        var raised = Rate * Math.Pow(capacity > 0 && Rate > capacity * NearCapacity ? GrowthNearCapacity : GrowthPerSecond, seconds);
        // What arrives without there ever having been a queue, the link carries.
        if (acknowledged > raised && cutAt == Instant.Zero) raised = acknowledged;
        var limit = acknowledged > 0 ? (MaxOverAcknowledged * acknowledged) + 10_000 : raised;
        Rate = Math.Max(Rate, Math.Min(raised, limit));
    }

    void LearnCapacity(double acknowledged)
    {
        if (capacity > 0 && acknowledged < capacity - (3 * deviation)) capacity = 0;
        if (capacity == 0) (capacity, deviation) = (acknowledged, acknowledged * 0.1);
        var error = acknowledged - capacity;
        capacity += 0.05 * error;
        deviation += 0.05 * (Math.Abs(error) - deviation);
        deviation = Math.Max(deviation, capacity * 0.03);
    }
}
