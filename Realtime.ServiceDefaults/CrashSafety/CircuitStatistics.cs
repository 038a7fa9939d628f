using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>The counters of one circuit; its lock guards them.</summary>
sealed class CircuitStatistics
{
    /// <summary>Error types counted by name; more are counted as <c>other</c>.</summary>
    const int MaxTypes = 32;
    const string Other = "other";

    /// <summary>Changes kept; the oldest goes.</summary>
    const int MaxChanges = 8;

    readonly Dictionary<string, long> _failuresByType = [];
    readonly Dictionary<string, long> _opensByType = [];

    Queue<CircuitChange>? _changes;

    public long Total, Succeeded, Failed, Rejected, Opens, Closes, Timeouts, Abandoned;

    public void CountFailure(string type)
    {
        Failed++;
        Count(_failuresByType, type);
    }

    public void CountOpen(string type)
    {
        Opens++;
        Count(_opensByType, type);
    }

    public void Changed(DateTimeOffset at, CircuitState state, string why)
    {
        _changes ??= new Queue<CircuitChange>(MaxChanges);
        if (_changes.Count == MaxChanges)
            _changes.Dequeue();
        _changes.Enqueue(new CircuitChange(at, NameOf(state), why));
    }

    public CircuitInfo ToInfo(string name, CircuitState state, DateTimeOffset? openedAt, int? retryAfterMs) => new(
        name, NameOf(state), Total, Succeeded, Failed, Rejected, Opens, Closes, Timeouts,
        new Dictionary<string, long>(_failuresByType), new Dictionary<string, long>(_opensByType), openedAt, retryAfterMs,
        _changes is null ? null : [.. _changes]);

    public static string NameOf(CircuitState state) => state switch
    {
        CircuitState.Closed => "closed",
        CircuitState.Open => "open",
        _ => "halfOpen",
    };

    static void Count(Dictionary<string, long> counts, string type)
    {
        var key = counts.Count < MaxTypes || counts.ContainsKey(type) ? type : Other;
        counts[key] = counts.GetValueOrDefault(key) + 1;
    }
}
