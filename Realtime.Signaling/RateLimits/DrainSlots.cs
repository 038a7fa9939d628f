namespace Realtime.Signaling.RateLimits;

/// <summary>When each of a replica's clients is to come back at the others, so that their admission holds: slots evenly over a window as long as they need.</summary>
public static class DrainSlots
{
    /// <summary>Of what the survivors admit: the rest is for those who come anyway.</summary>
    const double Share = 0.8;

    static readonly TimeSpan AtLeast = TimeSpan.FromSeconds(1);

    /// <param name="survivors">Replicas that remain; none counts as one (the next start of this one).</param>
    /// <param name="resumesPerSecond">What each of them admits.</param>
    public static TimeSpan Window(int connections, int survivors, int resumesPerSecond)
    {
        var window = TimeSpan.FromSeconds(connections / (Math.Max(1, survivors) * resumesPerSecond * Share));
        return window > AtLeast ? window : AtLeast;
    }

    /// <param name="index">From 0 to <paramref name="connections"/> - 1.</param>
    /// <returns>Never at once: everybody needs the moment in which the others notice.</returns>
    public static TimeSpan Slot(int index, int connections, TimeSpan window) => window * ((index + 1.0) / connections);
}
