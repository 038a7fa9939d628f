using System.Collections.Concurrent;
using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>All circuits of this process by name, for <c>GET /status/circuit-breakers</c> and the reset by name.</summary>
public sealed class CircuitRegistry(TimeProvider time)
{
    /// <summary>Circuits listed; further ones work but are not listed (a node with thousands of webhook endpoints).</summary>
    public const int MaxCircuits = 4096;

    readonly ConcurrentDictionary<string, CircuitBreaker> _circuits = new(StringComparer.Ordinal);

    volatile Func<IReadOnlyList<CircuitInfo>> _elsewhere = static () => [];

    /// <summary>Circuits of other processes, to be shown beside one's own. They are reset where they live.</summary>
    public void Include(Func<IReadOnlyList<CircuitInfo>> elsewhere) => _elsewhere = elsewhere;

    /// <summary>The circuit of that name, made with these options when it is new.</summary>
    public CircuitBreaker Get(CircuitBreakerOptions options)
    {
        if (_circuits.TryGetValue(options.Name, out var known))
            return known;
        var made = new CircuitBreaker(options, time);
        return _circuits.Count < MaxCircuits ? _circuits.GetOrAdd(options.Name, made) : made;
    }

    public CircuitBreaker Get(string name) => Get(new CircuitBreakerOptions(name));

    /// <summary>Drops a circuit whose dependency no longer exists.</summary>
    public void Remove(string name) => _circuits.TryRemove(name, out _);

    /// <summary>Closes a circuit by hand. False: there is none of that name.</summary>
    public bool Reset(string name)
    {
        if (!_circuits.TryGetValue(name, out var circuit))
            return false;
        circuit.Reset();
        return true;
    }

    /// <summary>Every circuit's statistics, by name.</summary>
    public IReadOnlyList<CircuitInfo> Snapshot() =>
        [.. _circuits.Values.Select(static circuit => circuit.Snapshot()).Concat(_elsewhere()).OrderBy(static info => info.Name, StringComparer.Ordinal)];
}
