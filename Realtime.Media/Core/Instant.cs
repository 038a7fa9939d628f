namespace Realtime.Media.Core;

/// <summary>A point on the monotonic clock in nanoseconds since an arbitrary origin. Passed in; the core has no clock of its own.</summary>
public readonly record struct Instant(long Nanoseconds) : IComparable<Instant>
{
    /// <summary>No deadline.</summary>
    public static readonly Instant Never = new(long.MaxValue);

    public static readonly Instant Zero = new(0);

    public bool IsNever => Nanoseconds == long.MaxValue;

    public long Milliseconds => Nanoseconds / 1_000_000;

    public long Microseconds => Nanoseconds / 1_000;

    public static Instant FromMilliseconds(long ms) => new(ms * 1_000_000);

    public static Instant Min(Instant a, Instant b) => a.Nanoseconds <= b.Nanoseconds ? a : b;

    /// <summary>Saturates at <see cref="Never"/>.</summary>
    public static Instant operator +(Instant a, TimeSpan d)
    {
        if (a.IsNever) return Never;
        var ns = d.Ticks * 100;
        return ns > 0 && a.Nanoseconds > long.MaxValue - ns ? Never : new Instant(a.Nanoseconds + ns);
    }

    public static Instant operator -(Instant a, TimeSpan d) => a.IsNever ? Never : new Instant(a.Nanoseconds - (d.Ticks * 100));

    public static TimeSpan operator -(Instant a, Instant b) => TimeSpan.FromTicks((a.Nanoseconds - b.Nanoseconds) / 100);

    public static bool operator <(Instant a, Instant b) => a.Nanoseconds < b.Nanoseconds;

    public static bool operator >(Instant a, Instant b) => a.Nanoseconds > b.Nanoseconds;

    public static bool operator <=(Instant a, Instant b) => a.Nanoseconds <= b.Nanoseconds;

    public static bool operator >=(Instant a, Instant b) => a.Nanoseconds >= b.Nanoseconds;

    public int CompareTo(Instant other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public override string ToString() => IsNever ? "never" : $"{Nanoseconds / 1e9:F6}s";
}
