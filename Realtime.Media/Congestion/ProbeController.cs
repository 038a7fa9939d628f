using Realtime.Media.Core;

namespace Realtime.Media.Congestion;

/// <summary>A short burst of padding to send.</summary>
/// <param name="Cluster">1 to 255.</param>
/// <param name="Rate">In bit/s, media included.</param>
public readonly record struct ProbePlan(byte Cluster, double Rate)
{
    const int MinBytes = 5000;

    /// <summary>A rate needs an interval, and one that the first and last packets' times do not decide.</summary>
    public const int MinSteps = 3;

    public static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(20);

    /// <summary>So many bytes in all.</summary>
    public long Bytes => Math.Max(MinBytes, (long)(Rate * Duration.TotalSeconds / 8));
}

/// <summary>
/// When to find out whether the link carries more than is sent. While more is wanted than the estimate allows: about each second, twice the estimate, on and on
/// while that succeeds, more and more seldom while it fails. Otherwise each few seconds up to <see cref="Ceiling"/>, so that a link's recovery is known before it is
/// needed; above that nothing is sent for knowledge alone.
/// </summary>
public struct ProbeController()
{
    /// <summary>Knowing of more helps nobody as long as nobody wants it.</summary>
    public const double Ceiling = 5_000_000;

    const double Step = 2;
    const double Beyond = 1.2;

    static readonly TimeSpan Wanted = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Unwanted = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Again = TimeSpan.FromMilliseconds(250);

    Instant nextAt = Instant.Zero;
    Instant startedAt = Instant.Zero;
    double failures;
    bool isRising;
    byte cluster;

    /// <summary>One is under way.</summary>
    public bool IsRunning { get; private set; }

    public double Rate { get; private set; }

    /// <summary>Whether to send one now.</summary>
    /// <param name="wanted">What all that could be sent would take, in bit/s.</param>
    public bool TryPlan(Instant now, double estimate, double wanted, double sent, LinkUse use, out ProbePlan plan)
    {
        plan = default;
        if (IsRunning && now - startedAt > Patience) Failed(now);
        if (IsRunning || now < nextAt || use == LinkUse.Over) return false;
        var isWanted = wanted > estimate;
        if (!isWanted && (estimate >= Ceiling || (!isRising && now < nextAt + (Unwanted - Wanted)))) return false;
        // Who sends nearly as much as the estimate finds out by sending.
        if (!isWanted && sent > estimate * 0.75) return false;
        Rate = Math.Min(estimate * Step, Math.Max(wanted, Ceiling) * Beyond);
        isRising = false;
        cluster = cluster == byte.MaxValue ? (byte)1 : (byte)(cluster + 1);
        (IsRunning, startedAt) = (true, now);
        plan = new ProbePlan(cluster, Rate);
        return true;
    }

    /// <summary>The link carried it, nearly or all of it: go on from there.</summary>
    public void Succeeded(Instant now)
    {
        (IsRunning, isRising) = (false, true);
        failures = 0;
        nextAt = now;
    }

    /// <summary>Something slower was found: the estimate is about what the link carries.</summary>
    public void Met(Instant now)
    {
        IsRunning = false;
        failures = Math.Min(failures + 1, 2);
        nextAt = now + (Wanted * failures);
    }

    /// <summary>Nothing was learnt.</summary>
    public void Failed(Instant now)
    {
        IsRunning = false;
        nextAt = now + Again;
    }

    /// <summary>The link became worse: what it carries now is found out a little later.</summary>
    public void Dropped(Instant now)
    {
        failures = 0;
        if (nextAt < now + Wanted) nextAt = now + Wanted;
    }
}
