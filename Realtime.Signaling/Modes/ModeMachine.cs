namespace Realtime.Signaling.Modes;

/// <summary>Makes a steady mode of what is seen of the dependencies from moment to moment.</summary>
public sealed class ModeMachine
{
    readonly SettledOutage _redis = new();
    readonly SettledOutage _database = new();
    readonly SettledOutage _media = new();
    readonly SettledOutage _auth = new();

    public OperatingState State { get; private set; } = OperatingState.Normal;

    /// <param name="now">On a clock that only goes forward.</param>
    /// <returns>True: the mode, or a reason for it, is another one now.</returns>
    public bool Observe(Outages seen, TimeSpan now) => Become(new Outages(
        _redis.Observe(seen.Redis, now), _database.Observe(seen.Database, now), _media.Observe(seen.Media, now), _auth.Observe(seen.Auth, now)));

    /// <summary>Believes what is seen at once: an operator wants to know.</summary>
    public bool Settle(Outages seen, TimeSpan now)
    {
        _redis.Settle(seen.Redis, now);
        _database.Settle(seen.Database, now);
        _media.Settle(seen.Media, now);
        _auth.Settle(seen.Auth, now);
        return Become(seen);
    }

    bool Become(Outages outages)
    {
        var state = OperatingState.For(outages);
        if (state.Mode == State.Mode && state.Reasons.SequenceEqual(State.Reasons))
            return false;
        State = state;
        return true;
    }
}
