namespace Realtime.Signaling.Modes;

/// <summary>
/// One dependency's outage as the mode sees it: it has to last for <see cref="EnterAfter"/>, and being well has to last too, all the longer the more often it did not
/// (<see cref="LeaveAfter"/>, doubled up to <see cref="LeaveAfterAtMost"/> for a dependency that fails again within <see cref="Remembered"/>). So the mode does not flap with it.
/// </summary>
public sealed class SettledOutage
{
    public static readonly TimeSpan EnterAfter = TimeSpan.FromSeconds(1);

    /// <summary>Short, because a circuit that closes has seen three successes, a second apart.</summary>
    public static readonly TimeSpan LeaveAfter = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LeaveAfterAtMost = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    TimeSpan _leaveAfter = LeaveAfter;
    TimeSpan? _differsSince;
    TimeSpan? _leftAt;

    public bool IsOut { get; private set; }

    /// <param name="out">What is seen right now.</param>
    /// <param name="now">On a clock that only goes forward.</param>
    /// <returns><see cref="IsOut"/>.</returns>
    public bool Observe(bool @out, TimeSpan now)
    {
        if (@out == IsOut)
        {
            _differsSince = null;
            return IsOut;
        }
        var since = _differsSince ??= now;
        if (now - since >= (IsOut ? _leaveAfter : EnterAfter))
            Settle(@out, now);
        return IsOut;
    }

    /// <summary>Believes what is seen at once.</summary>
    public void Settle(bool @out, TimeSpan now)
    {
        if (@out && !IsOut)
            _leaveAfter = _leftAt is { } left && now - left < Remembered ? Min(_leaveAfter * 2, LeaveAfterAtMost) : LeaveAfter;
        else if (!@out && IsOut)
            _leftAt = now;
        IsOut = @out;
        _differsSince = null;
    }

    static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
