namespace Realtime.Signaling.Webhooks;

/// <summary>When a delivery is tried again.</summary>
public static class DeliveryRules
{
    /// <summary>How long a claim holds without a word; an attempt takes at most half of it.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>An endpoint may ask for a longer pause (Retry-After), up to this.</summary>
    public static readonly TimeSpan LongestWish = TimeSpan.FromHours(1);

    static readonly TimeSpan[] s_pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2), TimeSpan.FromHours(6), TimeSpan.FromHours(12),
    ];

    /// <summary>After so many attempts: 5 s, 30 s, 2 m, 10 m, 30 m, 2 h, 6 h, 12 h, ± 20 %.</summary>
    /// <param name="random">0 to 1.</param>
    /// <param name="wish">What the endpoint asked for.</param>
    public static TimeSpan PauseAfter(int attempts, double random, TimeSpan? wish = null)
    {
        var pause = s_pauses[Math.Clamp(attempts - 1, 0, s_pauses.Length - 1)] * (0.8 + (0.4 * random));
        var asked = wish > LongestWish ? LongestWish : wish ?? TimeSpan.Zero;
        return asked > pause ? asked : pause;
    }
}
