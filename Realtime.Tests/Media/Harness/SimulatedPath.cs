using Realtime.Media.Congestion;
using Realtime.Media.Core;

namespace Realtime.Tests.Media.Harness;

/// <summary>
/// An estimator and the link it estimates, without anything between: frames and microphone packets leave, are carried, queued or lost, and feedback tells of them
/// each 100 ms. All on virtual time and by the seed.
/// </summary>
sealed class SimulatedPath(ulong seed)
{
    const int PacketLength = 1100;
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);
    static readonly TimeSpan FeedbackInterval = TimeSpan.FromMilliseconds(100);

    readonly Entropy entropy = new(seed);
    readonly Queue<(Instant SentAt, Instant? ArrivesAt, int Length, byte Probe)> flying = new();
    Instant busyUntil = Instant.Zero;
    Instant nextFrame = Instant.Zero;
    Instant nextFeedback = Instant.Zero;
    ProbePlan? probe;
    Instant probeStarted;
    long sentBytes;
    long probeBefore;

    public Instant Now { get; private set; } = Instant.FromMilliseconds(1000);

    public BandwidthEstimator Estimator { get; } = new();

    public LinkConditions Link { get; set; } = LinkConditions.Perfect;

    /// <summary>In bit/s: what is sent if the estimate allows it, else as much as it allows.</summary>
    public double Source { get; set; } = 1_000_000;

    /// <summary>It sends no more than the estimate.</summary>
    public bool Adapts { get; set; } = true;

    public double Estimate => Estimator.Estimate.BitsPerSecond;

    public long Probes { get; private set; }

    public long Overflowed { get; private set; }

    /// <summary>The estimate at each feedback.</summary>
    public List<(Instant At, double Estimate)> Course { get; } = [];

    public void Run(TimeSpan time)
    {
        for (var end = Now + time; Now < end; Now += Step)
        {
            if (Now >= nextFrame) SendFrame();
            if (probe is not null) SendProbe();
            if (Now >= nextFeedback) Feed();
        }
    }

    void SendFrame()
    {
        nextFrame = Now + TimeSpan.FromSeconds(1.0 / 30);
        var rate = Adapts && Estimator.IsKnown ? Math.Min(Source, Estimate) : Source;
        var bytes = (int)(rate / 8 / 30 * (0.8 + (0.4 * entropy.NextDouble())));
        for (; bytes > 0; bytes -= PacketLength) Send(Math.Min(bytes, PacketLength), 0);
        Send(120, 0);
    }

    void SendProbe()
    {
        if ((Now - probeStarted).TotalMilliseconds % 10 != 0) return;
        var due = probe!.Value.Rate / 8 * ((Now - probeStarted).TotalSeconds + 0.01);
        while (sentBytes - probeBefore < due) Send(PacketLength, probe.Value.Cluster);
        if (Now - probeStarted < ProbePlan.Duration || sentBytes - probeBefore < probe.Value.Bytes) return;
        Estimator.ProbeSent(Now, sentBytes - probeBefore);
        probe = null;
    }

    void Send(int length, byte cluster)
    {
        sentBytes += length;
        var leaves = Now;
        if (Link.Rate is { } rate)
        {
            var free = busyUntil < Now ? Now : busyUntil;
            if (free - Now > Link.MaxWait)
            {
                Overflowed++;
                flying.Enqueue((Now, null, length, cluster));
                return;
            }

            busyUntil = leaves = free + TimeSpan.FromSeconds(length * 8.0 / rate.BitsPerSecond);
        }

        var arrives = leaves + Link.BaseDelay + ((Link.Jitter ?? TimeSpan.Zero) * entropy.NextDouble());
        flying.Enqueue((Now, entropy.NextDouble() < Link.Loss ? null : arrives, length, cluster));
    }

    void Feed()
    {
        nextFeedback = Now + FeedbackInterval;
        // What arrived a one-way delay ago is known here now.
        var told = Now - Link.BaseDelay;
        var any = false;
        while (flying.TryPeek(out var packet) && (packet.ArrivesAt ?? packet.SentAt + Link.BaseDelay + Link.BaseDelay) <= told)
        {
            flying.Dequeue();
            any = true;
            if (packet.ArrivesAt is { } at) Estimator.Arrived(packet.SentAt, at, packet.Length, packet.Probe, wasLost: false);
            else Estimator.Lost();
        }

        if (!any) return;
        Estimator.EndFeedback(Now, sentBytes, Link.BaseDelay * 2);
        Course.Add((Now, Estimate));
        if (probe is not null || !Estimator.TryPlanProbe(Now, out var plan)) return;
        (probe, probeStarted, probeBefore) = (plan, Now, sentBytes);
        Probes++;
    }
}
