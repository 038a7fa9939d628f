namespace Realtime.Web.Access;

/// <summary>
/// Lock-out: five failures keep a name out from one network for a minute, doubled with each further failure, up to an hour; thirty failures do the same to the network for any name. By name and
/// network, so that a stranger cannot lock the operators out. At most <see cref="MaxKeys"/> are remembered; when full, the oldest goes.
/// </summary>
sealed class SignInAttempts(TimeProvider time)
{
    public const int MaxKeys = 10_000;
    public const int FailuresPerName = 5;
    public const int FailuresPerNetwork = 30;

    static readonly TimeSpan FirstLock = TimeSpan.FromMinutes(1);
    static readonly TimeSpan LongestLock = TimeSpan.FromHours(1);
    static readonly TimeSpan Forgotten = TimeSpan.FromHours(2);

    readonly Lock _gate = new();
    readonly Dictionary<string, Record> _records = new(StringComparer.Ordinal);

    readonly record struct Record(int Failures, DateTimeOffset Last, DateTimeOffset LockedUntil);

    /// <returns>How long to wait; null: try.</returns>
    public TimeSpan? LockedFor(string name, string network)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var until = new[] { Key(name, network), network }.Max(key => _records.TryGetValue(key, out var record) ? record.LockedUntil : default);
            return until > now ? until - now : null;
        }
    }

    public void Failed(string name, string network)
    {
        lock (_gate)
        {
            Count(Key(name, network), FailuresPerName);
            Count(network, FailuresPerNetwork);
        }
    }

    public void Succeeded(string name, string network)
    {
        lock (_gate)
            _records.Remove(Key(name, network));
    }

    void Count(string key, int allowed)
    {
        var now = time.GetUtcNow();
        var failures = _records.TryGetValue(key, out var known) && now - known.Last < Forgotten ? known.Failures + 1 : 1;
        var excess = failures - allowed;
        var locked = excess < 0 ? default : now + TimeSpan.FromTicks(Math.Min(LongestLock.Ticks, FirstLock.Ticks << Math.Min(excess, 10)));
        if (!_records.ContainsKey(key) && _records.Count >= MaxKeys)
            _records.Remove(_records.MinBy(static pair => pair.Value.Last).Key);
        _records[key] = new Record(failures, now, locked);
    }

    static string Key(string name, string network) => $"{network} {(name.Length > Account.MaxNameLength ? "" : name)}";
}
