namespace Realtime.Signaling.RateLimits;

/// <summary>What is held against a connection.</summary>
public enum Misconduct
{
    /// <summary>A call of it threw where nobody expected it.</summary>
    Fault,
    /// <summary>A call that is unknown or could not be read.</summary>
    Violation,
    /// <summary>A call beyond a limit, although it was told when to come back.</summary>
    Flood,
}

/// <summary>What one connection has done wrong lately. Made for those that have; an idle connection costs nothing.</summary>
public sealed class Conduct
{
    readonly Lock _gate = new();
    readonly long[] _arrivals = new long[Enum.GetValues<Misconduct>().Length];

    /// <returns>True: it was once too often.</returns>
    public bool Exceeds(Misconduct what, LimitOptions options, DateTimeOffset now)
    {
        var most = what switch
        {
            Misconduct.Fault => options.FaultsPerMinute,
            Misconduct.Violation => options.ViolationsPerMinute,
            _ => options.RefusalsPerMinute,
        };
        lock (_gate)
        {
            if (Gcra.Admit(_arrivals[(int)what], new RateLimit(nameof(Conduct), most, TimeSpan.FromMinutes(1)), now, 1, out _) is not { } next)
                return true;
            _arrivals[(int)what] = next;
            return false;
        }
    }
}
