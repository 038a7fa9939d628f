using Realtime.Media.Core;

namespace Realtime.Media.Congestion;

/// <summary>
/// What one peer's way down carries, by what it says of the packets sent to it: the trend of the delay, loss, what arrived, and bursts sent to find out. Works at
/// each feedback, never per packet sent. Without feedback it knows nothing but what the peer itself estimates (REMB).
/// </summary>
public sealed class BandwidthEstimator
{
    /// <summary>Taken for granted until feedback says otherwise: two cameras fit, and a slower link is recognized within half a second.</summary>
    public const double Start = 2_000_000;

    /// <summary>A change of path, or a busy receiver; a link that is too slow has a longer queue in a moment.</summary>
    const double HarmlessMilliseconds = 25;

    /// <summary>Less than this part of the rate is sent.</summary>
    const double Sparing = 0.75;

    const double Min = 50_000;
    const double Max = 50_000_000;

    /// <summary>Feedback that stays away for longer while packets leave: the way is blocked.</summary>
    static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(1500);

    static readonly TimeSpan Beginning = TimeSpan.FromSeconds(3);

    /// <summary>The queue a probe makes has drained by then, so one that is still there has another cause.</summary>
    static readonly TimeSpan ProbeEcho = TimeSpan.FromMilliseconds(400);

    static readonly TimeSpan SentWindow = TimeSpan.FromMilliseconds(200);

    readonly DelayTrend trend = new();
    PacketGroups groups;
    AcknowledgedRate acknowledged;
    LossController loss = new();
    RateController rate = new(Start);
    ProbeController probes = new();
    ProbeMeasure measure;
    Instant probeEnded = Instant.Never;
    Instant probedAt = Instant.Zero;
    long probeBytes;
    Instant newestSent = Instant.Zero;
    Instant heardAt = Instant.Never;
    Instant firstHeardAt = Instant.Never;
    Instant sentSampledAt = Instant.Zero;
    long sentSampled;
    double sentRate;
    double limit = double.PositiveInfinity;
    bool hasFeedback;
    bool isDoubted;
    bool hasMetLimit;

    /// <summary>The peer says something of its link; before that nothing is held back.</summary>
    public bool IsKnown => hasFeedback || !double.IsPositiveInfinity(limit);

    /// <summary>
    /// The first seconds, as long as nothing speaks against it: what is sent now tells more than the estimate, which follows it. A call begins with all there is.
    /// </summary>
    public bool IsStarting => hasFeedback && !hasMetLimit && heardAt - firstHeardAt < Beginning;

    public Bitrate Estimate => new((long)Math.Clamp(hasFeedback ? rate.Rate : limit, Min, Max));

    /// <summary>In bit/s: all that could be sent to this peer.</summary>
    public double Wanted { get; set; }

    public LinkUse Use => trend.Use;

    public Bitrate Acknowledged => new((long)(acknowledged.Kilobits * 1000));

    public double Loss => loss.Recent;

    public double QueueMilliseconds => trend.QueueMilliseconds;

    /// <summary>One packet arrived, by the peer's clock.</summary>
    public void Arrived(Instant sentAt, Instant arrivedAt, int length, byte probe, bool wasLost)
    {
        loss.Arrived(wasLost);
        acknowledged.Add(arrivedAt, length);
        if (probe != 0 && probe == measure.Cluster) measure.Arrived(sentAt, arrivedAt, length);
        if (sentAt > newestSent) newestSent = sentAt;
        if (groups.TryAdd(sentAt, arrivedAt, out var sentDelta, out var arrivedDelta, out var at)) trend.Add(sentDelta, arrivedDelta, at);
    }

    /// <summary>One packet did not arrive.</summary>
    public void Lost() => loss.Lost();

    /// <summary>What a feedback packet said is taken in: the estimate follows.</summary>
    /// <param name="sentBytes">Sent to this peer so far.</param>
    public void EndFeedback(Instant now, long sentBytes, TimeSpan roundTrip)
    {
        if (!hasFeedback) firstHeardAt = now;
        hasFeedback = true;
        heardAt = now;
        MeasureSent(now, sentBytes);
        var (before, arriving) = (rate.Rate, acknowledged.Kilobits * 1000);
        if (trend.QueueMilliseconds < HarmlessMilliseconds) acknowledged.ForgetPeak();
        if (!TryConcludeProbe(now, arriving))
        {
            var sample = new LinkSample(arriving, acknowledged.PeakKilobits * 1000, sentRate < rate.Rate * Sparing, trend.QueueMilliseconds, roundTrip);
            rate.Update(now, IsHarmless(now) ? LinkUse.Under : trend.Use, sample);
        }

        if (loss.Take(now, rate.Rate, arriving, trend.QueueMilliseconds) is { } lower && lower < rate.Rate) rate.Set(now, lower);
        rate.Bound(Min, Max);
        if (rate.Rate >= before * 0.9) return;
        hasMetLimit = true;
        probes.Dropped(now);
    }

    /// <summary>The peer's own estimate: counts as long as it gives no feedback of the better sort.</summary>
    public void TakeLimit(Bitrate remb) => limit = Math.Max(remb.BitsPerSecond, Min);

    /// <summary>From time to time: packets leave and nothing is heard.</summary>
    public void CheckSilence(Instant now, long sentBytes)
    {
        if (!hasFeedback || sentBytes == sentSampled || now - heardAt < Silence) return;
        MeasureSent(now, sentBytes);
        rate.Set(now, rate.Rate / 2);
        rate.Bound(Min, Max);
    }

    /// <summary>Whether to send a burst of padding now; the sender says when it is through (<see cref="ProbeSent"/>).</summary>
    public bool TryPlanProbe(Instant now, out ProbePlan plan)
    {
        plan = default;
        if (!hasFeedback || !probes.TryPlan(now, rate.Rate, Wanted, sentRate, trend.Use, out plan)) return false;
        measure.Begin(plan.Cluster);
        probeEnded = Instant.Never;
        return true;
    }

    public void ProbeSent(Instant now, long bytes) => (probeEnded, probedAt, probeBytes) = (now, now, bytes);

    /// <summary>A queue grows, but so far it is none to speak of, or a probe filled it.</summary>
    bool IsHarmless(Instant now) => trend.Use == LinkUse.Over
        && (trend.QueueMilliseconds < HarmlessMilliseconds || (sentRate < rate.Rate * Sparing && (probes.IsRunning || now - probedAt < ProbeEcho)));

    void MeasureSent(Instant now, long sentBytes)
    {
        var elapsed = now - sentSampledAt;
        if (elapsed < SentWindow) return;
        var sample = (sentBytes - sentSampled) * 8 / elapsed.TotalSeconds;
        sentRate += (sample - sentRate) * 0.4;
        (sentSampledAt, sentSampled) = (now, sentBytes);
    }

    /// <summary>True when a probe said something of the link.</summary>
    bool TryConcludeProbe(Instant now, double arriving)
    {
        if (!probes.IsRunning || probeEnded.IsNever || (measure.Bytes < probeBytes && newestSent <= probeEnded)) return false;
        var isMeasured = measure.TryMeasure(out var measured, out var isLimit) && measure.Bytes > probeBytes / 2;
        measure.Begin(0);
        if (!isMeasured)
        {
            probes.Failed(now);
            return false;
        }

        if (!isLimit)
        {
            isDoubted = false;
            probes.Succeeded(now);
            // A queue that grows meanwhile contradicts.
            if (trend.Use == LinkUse.Over || measured <= rate.Rate) return false;
            rate.Set(now, measured);
            return true;
        }

        if (measured < rate.Rate && !isDoubted)
        {
            // Less than was thought: one burst may have met a busy moment of the receiver.
            isDoubted = true;
            probes.Failed(now);
            return false;
        }

        isDoubted = false;
        probes.Met(now);
        rate.Set(now, Math.Max(measured, arriving * 0.85));
        return true;
    }
}
