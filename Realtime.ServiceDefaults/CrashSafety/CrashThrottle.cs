namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// Decides which crash becomes a full report: one per stack hash and interval, so many per minute in all. The rest is counted.
/// Remembers <see cref="MaxHashes"/> hashes; when full, the one seen longest ago is forgotten.
/// </summary>
sealed class CrashThrottle(CrashReportOptions options, TimeProvider time)
{
    public const int MaxHashes = 1000;

    sealed class Seen
    {
        public long Count;
        public long LastSeen;
        public long LastFull;
        public bool EverFull;
    }

    readonly Lock _gate = new();
    readonly Dictionary<string, Seen> _seen = [];
    long _minuteStart = time.GetTimestamp();
    int _fullThisMinute;

    /// <returns>How often the hash was seen, and whether this one is worth a full report.</returns>
    public (long Count, bool Full) Count(string hash)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (!_seen.TryGetValue(hash, out var seen))
            {
                if (_seen.Count >= MaxHashes)
                    _seen.Remove(_seen.MinBy(static pair => pair.Value.LastSeen).Key);
                _seen.Add(hash, seen = new Seen());
            }
            seen.Count++;
            seen.LastSeen = now;
            if (seen.EverFull && time.GetElapsedTime(seen.LastFull, now) < options.PerHashInterval)
                return (seen.Count, false);
            if (time.GetElapsedTime(_minuteStart, now) >= TimeSpan.FromMinutes(1))
            {
                _minuteStart = now;
                _fullThisMinute = 0;
            }
            if (_fullThisMinute >= options.MaxPerMinute)
                return (seen.Count, false);
            _fullThisMinute++;
            seen.EverFull = true;
            seen.LastFull = now;
            return (seen.Count, true);
        }
    }
}
