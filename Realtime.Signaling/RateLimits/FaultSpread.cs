namespace Realtime.Signaling.RateLimits;

/// <summary>
/// Tells one user's faults from ours: when calls of several users throw within a minute, the reason is not one of them, and nobody is to be shut out for it. Bounded: it
/// counts no further than it has to.
/// </summary>
public sealed class FaultSpread
{
    /// <summary>Users with faults within <see cref="Window"/> from which on it is our fault.</summary>
    public const int Systemic = 5;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    readonly Lock _gate = new();
    readonly Dictionary<string, DateTimeOffset> _users = new(StringComparer.Ordinal);

    /// <returns>True: too many users have this for it to be one's own doing.</returns>
    public bool Record(string user, DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach (var (known, at) in _users)
            {
                if (now - at > Window)
                    _users.Remove(known);
            }
            if (_users.Count < Systemic || _users.ContainsKey(user))
                _users[user] = now;
            return _users.Count >= Systemic;
        }
    }
}
