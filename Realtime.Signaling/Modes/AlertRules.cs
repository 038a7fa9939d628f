namespace Realtime.Signaling.Modes;

/// <summary>Something an operator should look at.</summary>
/// <param name="Name"><c>circuitFlapping</c>, <c>turnFailing</c> or <c>errorSpike</c>.</param>
/// <param name="Subject">Which circuit, or which error of which circuit; null for a thing there is one of.</param>
public sealed record Alert(string Name, string? Subject, DateTimeOffset Since);

/// <summary>Counters that only grow, as they stand at one moment: openings per circuit, failures per circuit and error type, relays that worked and that did not.</summary>
public sealed record AlertSample(IReadOnlyDictionary<string, long> Opens, IReadOnlyDictionary<string, long> Failures, long RelayFailures, long RelaySuccesses);

/// <summary>
/// The alerts of design §4: a circuit that opens more than five times an hour, more than a tenth of relays failing, an error type that spikes. Fed once a minute; keeps an
/// hour.
/// </summary>
public sealed class AlertRules
{
    public const int OpensPerHour = 5;
    public const double RelayFailureRate = 0.1;

    /// <summary>Fewer reports say nothing.</summary>
    public const int RelaysAtLeast = 20;

    /// <summary>In one minute; and so many times the average minute before.</summary>
    public const int SpikeAtLeast = 10;
    public const int SpikeTimes = 5;

    const int Minutes = 60;
    const int RelayMinutes = 10;

    readonly Queue<AlertSample> _hour = new();
    readonly Dictionary<(string, string?), Alert> _raised = [];

    public IReadOnlyList<Alert> Raised => [.. _raised.Values];

    /// <returns>What was not raised a minute ago.</returns>
    public IReadOnlyList<Alert> Take(AlertSample now, DateTimeOffset at)
    {
        var found = new List<(string Name, string? Subject)>();
        if (_hour.Count > 0)
        {
            var (first, last) = (_hour.Peek(), _hour.Last());
            found.AddRange(now.Opens.Where(pair => pair.Value - first.Opens.GetValueOrDefault(pair.Key) > OpensPerHour).Select(static pair => ("circuitFlapping", (string?)pair.Key)));
            found.AddRange(now.Failures.Where(pair => Spikes(pair.Key, pair.Value, first, last)).Select(static pair => ("errorSpike", (string?)pair.Key)));
            var earlier = _hour.ElementAt(Math.Max(0, _hour.Count - RelayMinutes));
            if (Fails(now.RelayFailures - earlier.RelayFailures, now.RelaySuccesses - earlier.RelaySuccesses))
                found.Add(("turnFailing", null));
        }
        _hour.Enqueue(now);
        if (_hour.Count > Minutes)
            _hour.Dequeue();
        foreach (var over in _raised.Keys.Except(found).ToList())
            _raised.Remove(over);
        var fresh = found.Where(key => !_raised.ContainsKey(key)).Select(key => new Alert(key.Name, key.Subject, at)).ToList();
        foreach (var alert in fresh)
            _raised[(alert.Name, alert.Subject)] = alert;
        return fresh;
    }

    bool Spikes(string type, long count, AlertSample first, AlertSample last)
    {
        var lastMinute = count - last.Failures.GetValueOrDefault(type);
        var before = last.Failures.GetValueOrDefault(type) - first.Failures.GetValueOrDefault(type);
        return lastMinute >= SpikeAtLeast && lastMinute > SpikeTimes * (before / (double)Math.Max(1, _hour.Count - 1));
    }

    static bool Fails(long failures, long successes) => failures + successes >= RelaysAtLeast && failures > RelayFailureRate * (failures + successes);
}
