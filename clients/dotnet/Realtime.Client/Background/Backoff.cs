namespace Realtime.Client.Background;

/// <summary>How long to wait before the next attempt: full jitter, rand(0, min(most, first · 2ⁿ)), never quite at once: a herd that lost the same server must not return in the same millisecond.</summary>
sealed class Backoff(TimeSpan first, TimeSpan most)
{
    static readonly TimeSpan s_floor = TimeSpan.FromMilliseconds(50);

    /// <summary>What lasted this long starts counting from zero again.</summary>
    static readonly TimeSpan s_stable = TimeSpan.FromMinutes(1);

    /// <summary>Doublings after which the most is reached whatever the first is.</summary>
    const int MaxDoublings = 16;

    /// <summary>After a success failures that follow soon still back off, but begin no later than here.</summary>
    const int AfterSuccess = 2;

    int _attempt;
    long? _since;

    /// <param name="atLeast">What the server asked for.</param>
    public TimeSpan Next(TimeSpan atLeast = default)
    {
        if (_since is { } since && Environment.TickCount64 - since >= s_stable.TotalMilliseconds)
            _attempt = 0;
        _since = null;
        var ceiling = Math.Min(most.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_attempt++, MaxDoublings)));
        var pause = Random.Shared.NextDouble() * ceiling;
        return atLeast + TimeSpan.FromMilliseconds(Math.Max(Math.Min(s_floor.TotalMilliseconds, ceiling), pause));
    }

    public void Succeeded()
    {
        _since = Environment.TickCount64;
        _attempt = Math.Min(_attempt, AfterSuccess);
    }

    public void Reset() => (_attempt, _since) = (0, null);
}
