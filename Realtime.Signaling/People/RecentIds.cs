namespace Realtime.Signaling.People;

/// <summary>
/// Remembers the last ids seen: at least <see cref="Kept"/>, at most twice as many. An id forgotten counts as new, so what must not happen twice has to tolerate it after
/// that many others. Thread-safe.
/// </summary>
public sealed class RecentIds
{
    public const int Kept = 16_384;

    readonly Lock _gate = new();
    HashSet<string> _young = new(StringComparer.Ordinal);
    HashSet<string> _old = new(StringComparer.Ordinal);

    /// <summary>False: it was here before.</summary>
    public bool TryAdd(string id)
    {
        lock (_gate)
        {
            if (_old.Contains(id) || !_young.Add(id))
                return false;
            if (_young.Count >= Kept)
                (_old, _young) = (_young, new(StringComparer.Ordinal));
            return true;
        }
    }
}
