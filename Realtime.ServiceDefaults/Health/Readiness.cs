namespace Realtime.ServiceDefaults.Health;

/// <summary>
/// Whether traffic should be sent here. Not ready only while starting, while draining, or after more than five loop restarts within a minute:
/// a dependency that is down is a mode (<see cref="IOperatingMode"/>), not a reason to be taken out.
/// </summary>
public sealed class Readiness(TimeProvider time)
{
    public const int MaxRestartsPerMinute = 5;

    /// <summary>More holds than this are a bug: <see cref="Hold"/> throws.</summary>
    public const int MaxHolds = 64;

    readonly Lock _gate = new();
    readonly List<string> _holds = [];
    readonly long[] _restarts = new long[MaxRestartsPerMinute + 1];
    long _restartCount;
    bool _started;
    bool _draining;

    /// <summary>Called by the defaults when the host has started.</summary>
    public void MarkStarted()
    {
        lock (_gate)
            _started = true;
    }

    /// <summary>From now on not ready, for good: called when the host stops, or earlier by a drain command.</summary>
    public void BeginDrain()
    {
        lock (_gate)
            _draining = true;
    }

    /// <summary>Takes a drain back that did not end in a stop.</summary>
    public void EndDrain()
    {
        lock (_gate)
            _draining = false;
    }

    public bool Draining
    {
        get
        {
            lock (_gate)
                return _draining;
        }
    }

    /// <summary>Keeps the service starting until disposed, for what must be there before the first request (migrations, key store).</summary>
    public IDisposable Hold(string reason)
    {
        lock (_gate)
        {
            if (_holds.Count >= MaxHolds)
                throw new InvalidOperationException($"More than {MaxHolds} readiness holds; the last was '{reason}'.");
            _holds.Add(reason);
        }
        return new Release(this, reason);
    }

    /// <summary>Called for every restart of a background loop.</summary>
    public void RecordLoopRestart()
    {
        lock (_gate)
            _restarts[_restartCount++ % _restarts.Length] = time.GetTimestamp();
    }

    /// <summary>Null when ready, otherwise the reason in a few words.</summary>
    public string? NotReadyBecause()
    {
        lock (_gate)
        {
            if (_draining)
                return "draining";
            if (!_started)
                return "starting";
            if (_holds.Count > 0)
                return $"starting: {string.Join(", ", _holds)}";
            if (_restartCount < _restarts.Length)
                return null;
            // The ring holds the last six restarts: the slot written next is the oldest of them.
            var oldest = _restarts[_restartCount % _restarts.Length];
            return time.GetElapsedTime(oldest) < TimeSpan.FromMinutes(1)
                ? $"more than {MaxRestartsPerMinute} loop restarts within a minute"
                : null;
        }
    }

    sealed class Release(Readiness readiness, string reason) : IDisposable
    {
        int _done;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _done, 1) != 0)
                return;
            lock (readiness._gate)
                readiness._holds.Remove(reason);
        }
    }
}
