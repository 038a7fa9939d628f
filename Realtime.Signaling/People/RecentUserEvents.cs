namespace Realtime.Signaling.People;

/// <summary>
/// The durable events of the last half minute, for all users: every replica hears all of them, so whichever one a session comes back to can give it what it missed. Bounded by
/// <see cref="MaxEvents"/>, the oldest goes. Thread-safe.
/// </summary>
public sealed class RecentUserEvents(TimeProvider time)
{
    /// <summary>No session is without a connection for longer.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    public const int MaxEvents = 20_000;

    readonly Lock _gate = new();
    readonly Queue<(DateTimeOffset At, UserEvent Event)> _order = [];
    readonly Dictionary<string, Queue<(DateTimeOffset At, UserEvent Event)>> _byUser = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_gate)
                return _order.Count;
        }
    }

    public void Add(UserEvent one)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            while (_order.TryPeek(out var oldest) && (now - oldest.At > KeptFor || _order.Count >= MaxEvents))
                Drop();
            _order.Enqueue((now, one));
            if (!_byUser.TryGetValue(one.User, out var events))
                _byUser[one.User] = events = [];
            events.Enqueue((now, one));
        }
    }

    /// <summary>The user's events until a moment, oldest first.</summary>
    public IReadOnlyList<UserEvent> Of(string user, DateTimeOffset until)
    {
        var from = time.GetUtcNow() - KeptFor;
        lock (_gate)
            return _byUser.TryGetValue(user, out var events) ? [.. events.Where(one => one.At >= from && one.At < until).Select(static one => one.Event)] : [];
    }

    /// <summary>The oldest of all is the oldest of its user.</summary>
    void Drop()
    {
        var (_, oldest) = _order.Dequeue();
        var events = _byUser[oldest.User];
        events.Dequeue();
        if (events.Count == 0)
            _byUser.Remove(oldest.User);
    }
}
