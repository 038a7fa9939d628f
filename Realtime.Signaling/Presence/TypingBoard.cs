namespace Realtime.Signaling.Presence;

/// <summary>
/// Who types where, of this replica's sessions: kept only so that it can be taken back before its time. Bounded by <see cref="MaxTypists"/>: further ones are told, but end by
/// their time alone. Not thread-safe.
/// </summary>
public sealed class TypingBoard
{
    public const int MaxTypists = 50_000;

    /// <summary>How long one is shown as typing (design §4).</summary>
    public static readonly TimeSpan ShownFor = TimeSpan.FromSeconds(15);

    readonly Dictionary<(string Channel, string User), (string Session, DateTimeOffset Until)> _typists = [];
    readonly Dictionary<string, HashSet<string>> _channelsOf = new(StringComparer.Ordinal);

    public int Count => _typists.Count;

    /// <returns>When it ends unless repeated.</returns>
    public DateTimeOffset Start(string session, string user, string channel, DateTimeOffset now)
    {
        var until = now + ShownFor;
        var known = _typists.TryGetValue((channel, user), out var before);
        if (!known && _typists.Count >= MaxTypists)
            return until;
        if (known && before.Session != session)
            Unlink(before.Session, channel);
        _typists[(channel, user)] = (session, until);
        if (!_channelsOf.TryGetValue(session, out var channels))
            _channelsOf[session] = channels = new(StringComparer.Ordinal);
        channels.Add(channel);
        return until;
    }

    /// <summary>True: this device was shown as typing there, and is not any more.</summary>
    public bool Stop(string session, string user, string channel, DateTimeOffset now)
    {
        if (!_typists.TryGetValue((channel, user), out var known) || known.Session != session)
            return false;
        Remove(channel, user, session);
        return known.Until > now;
    }

    /// <returns>The channels where the session was shown as typing.</returns>
    public IReadOnlyList<string> EndSession(string session, string user, DateTimeOffset now) =>
        _channelsOf.TryGetValue(session, out var channels) ? [.. channels.ToArray().Where(channel => Stop(session, user, channel, now))] : [];

    /// <summary>Drops what is over.</summary>
    /// <returns>How many.</returns>
    public int Sweep(DateTimeOffset now)
    {
        var over = _typists.Where(one => one.Value.Until <= now).ToArray();
        foreach (var ((channel, user), (session, _)) in over)
            Remove(channel, user, session);
        return over.Length;
    }

    void Remove(string channel, string user, string session)
    {
        _typists.Remove((channel, user));
        Unlink(session, channel);
    }

    void Unlink(string session, string channel)
    {
        if (_channelsOf.TryGetValue(session, out var channels) && channels.Remove(channel) && channels.Count == 0)
            _channelsOf.Remove(session);
    }
}
