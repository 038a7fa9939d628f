using System.Collections.Concurrent;

namespace Realtime.Tests.MediaChaos;

/// <summary>What was promised and did not hold, each said once.</summary>
sealed class Violations
{
    const int Max = 200;

    readonly ConcurrentDictionary<string, byte> _all = new(StringComparer.Ordinal);

    public IReadOnlyList<string> All => [.. _all.Keys.Order(StringComparer.Ordinal)];

    public void Add(string what)
    {
        if (_all.Count < Max)
            _all.TryAdd(what, 0);
    }

    public void Expect(bool holds, string promise)
    {
        if (!holds)
            Add(promise);
    }
}
