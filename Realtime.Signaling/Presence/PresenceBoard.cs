namespace Realtime.Signaling.Presence;

/// <summary>
/// The presence of every session of the cluster as this replica knows it. Entries come from this replica's own sessions, from the others by Redis and by the outbox, and from
/// the sessions' table; each may come late, twice, out of order or not at all, and the board ends up the same. Bounded by <see cref="MaxDevices"/>: further sessions are not
/// taken, and their users appear offline here until there is room. Not thread-safe.
/// </summary>
public sealed class PresenceBoard(string self)
{
    public const int MaxDevices = 200_000;

    /// <summary>A replica that was not heard for this long: what it said is stale.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(5);

    /// <summary>… and after this long its devices are gone: silence, lease, and time for those who end its sessions properly.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(25);

    /// <summary>How long it is remembered that a session ended, so that older news does not bring it back.</summary>
    public static readonly TimeSpan RememberGone = TimeSpan.FromMinutes(1);

    readonly Dictionary<string, Known> _sessions = new(StringComparer.Ordinal);
    // Most have one device: an array of one is all that costs.
    readonly Dictionary<string, PresenceEntry[]> _users = new(StringComparer.Ordinal);
    readonly Dictionary<string, Replica> _replicas = new(StringComparer.Ordinal);
    readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    readonly Queue<(string Session, DateTimeOffset At)> _ended = [];

    /// <param name="HeardAt">When the entry was taken.</param>
    readonly record struct Known(PresenceEntry Entry, DateTimeOffset HeardAt);

    sealed class Replica
    {
        public DateTimeOffset HeardAt;
        public bool Silent;
        public HashSet<string> Users { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>Devices and ended ones still remembered.</summary>
    public int Count => _sessions.Count;

    /// <summary>The users whose devices changed since the last call, each once.</summary>
    public IReadOnlyList<string> TakeChanged()
    {
        string[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }

    /// <summary>The user's devices, whatever their status.</summary>
    public IReadOnlyCollection<PresenceEntry> Devices(string user) => _users.GetValueOrDefault(user, []);

    public Appearance Appearance(string user, DateTimeOffset now) =>
        Presence.Appearance.Of(Devices(user), boot => _replicas.TryGetValue(boot, out var replica) && replica.Silent, now);

    public PresenceEntry? Find(string session) => _sessions.TryGetValue(session, out var known) && !known.Entry.Gone ? known.Entry : null;

    /// <summary>False: nothing new.</summary>
    public bool Apply(PresenceEntry entry, DateTimeOffset now)
    {
        var isKnown = _sessions.TryGetValue(entry.Session, out var known);
        if (isKnown && !entry.Outranks(known.Entry))
            return false;
        if (!isKnown && _sessions.Count >= MaxDevices)
            return false;
        // Somebody who has ended may be known by nobody's name any more.
        if (entry.User.Length == 0 && isKnown)
            entry = entry with { User = known.Entry.User };
        _sessions[entry.Session] = new Known(entry, now);
        if (isKnown)
            Remove(known.Entry);
        if (entry.Gone)
            _ended.Enqueue((entry.Session, now));
        else
            Add(entry, now);
        return true;
    }

    /// <summary>The replica was heard, by whatever way.</summary>
    public void Heard(string boot, DateTimeOffset now)
    {
        if (boot == self)
            return;
        if (!_replicas.TryGetValue(boot, out var replica))
            return;
        replica.HeardAt = now;
        SetSilent(replica, false);
    }

    /// <summary>
    /// What the table of sessions says: all there are. Sessions that it does not have are gone, unless they were heard of after <paramref name="readAt"/> (they may not be
    /// written yet) or are held here.
    /// </summary>
    /// <param name="readAt">When the reading began.</param>
    public void Replace(IReadOnlyCollection<PresenceEntry> stored, DateTimeOffset readAt, DateTimeOffset now, Func<string, bool> isHeldHere)
    {
        var there = new HashSet<string>(stored.Count, StringComparer.Ordinal);
        foreach (var entry in stored)
        {
            there.Add(entry.Session);
            Apply(entry, now);
        }
        foreach (var (session, known) in _sessions.ToArray())
        {
            if (!known.Entry.Gone && !there.Contains(session) && known.HeardAt < readAt && !isHeldHere(session))
                Forget(known.Entry);
        }
    }

    /// <summary>Lets time pass: replicas fall silent and die, what ended long ago is forgotten.</summary>
    /// <param name="canHear">False: no way to the other replicas is open, so their silence says nothing about them; what they said is stale, but not gone.</param>
    public void Tick(DateTimeOffset now, bool canHear)
    {
        foreach (var (boot, replica) in _replicas.ToArray())
        {
            var silence = now - replica.HeardAt;
            SetSilent(replica, silence > SilentAfter);
            if (!canHear)
            {
                // The count begins anew when something can be heard again.
                if (silence > SilentAfter)
                    replica.HeardAt = now - SilentAfter - TimeSpan.FromTicks(1);
                continue;
            }
            if (silence <= DeadAfter)
                continue;
            foreach (var entry in replica.Users.SelectMany(Devices).Where(entry => entry.Boot == boot).ToArray())
                Forget(entry);
            _replicas.Remove(boot);
        }
        while (_ended.TryPeek(out var ended) && now - ended.At > RememberGone)
        {
            _ended.Dequeue();
            if (_sessions.TryGetValue(ended.Session, out var known) && known.Entry.Gone && known.HeardAt == ended.At)
                _sessions.Remove(ended.Session);
        }
    }

    /// <summary>Nobody said that it ended, it is only not to be seen any more: what is said of it later holds.</summary>
    void Forget(PresenceEntry entry)
    {
        _sessions.Remove(entry.Session);
        Remove(entry);
    }

    void Add(PresenceEntry entry, DateTimeOffset now)
    {
        _users[entry.User] = [.. _users.GetValueOrDefault(entry.User, []).Where(other => other.Session != entry.Session), entry];
        _changed.Add(entry.User);
        if (entry.Boot == self)
            return;
        if (!_replicas.TryGetValue(entry.Boot, out var replica))
            _replicas[entry.Boot] = replica = new Replica { HeardAt = now };
        replica.Users.Add(entry.User);
    }

    void Remove(PresenceEntry entry)
    {
        if (entry.Gone || !_users.TryGetValue(entry.User, out var devices))
            return;
        PresenceEntry[] left = [.. devices.Where(other => other.Session != entry.Session)];
        if (left.Length == devices.Length)
            return;
        _changed.Add(entry.User);
        if (left.Length == 0)
            _users.Remove(entry.User);
        else
            _users[entry.User] = left;
        if (_replicas.TryGetValue(entry.Boot, out var replica) && !left.Any(other => other.Boot == entry.Boot))
            replica.Users.Remove(entry.User);
    }

    void SetSilent(Replica replica, bool silent)
    {
        if (replica.Silent == silent)
            return;
        replica.Silent = silent;
        _changed.UnionWith(replica.Users);
    }
}
