using System.Collections.Concurrent;

namespace Realtime.ServiceDefaults.Health;

/// <summary>Knows the loops that must keep turning (<c>/alive</c>): a loop that has not beaten within its own timeout is stuck.</summary>
public sealed class LoopWatchdog(TimeProvider time)
{
    /// <summary>Loops watched at once; <see cref="Watch"/> throws beyond.</summary>
    public const int MaxLoops = 4096;

    readonly ConcurrentDictionary<WatchedLoop, byte> _loops = [];

    /// <summary>Starts watching a loop, as if it had beaten now. Dispose when it ends.</summary>
    public WatchedLoop Watch(string name, TimeSpan timeout)
    {
        if (_loops.Count >= MaxLoops)
            throw new InvalidOperationException($"More than {MaxLoops} watched loops; the last was '{name}'.");
        var loop = new WatchedLoop(this, time, name, timeout);
        _loops[loop] = 0;
        return loop;
    }

    /// <summary>The names of loops that stopped turning; empty when all is well.</summary>
    public IReadOnlyList<string> Stuck()
    {
        List<string>? stuck = null;
        foreach (var (loop, _) in _loops)
        {
            if (loop.IsStuck)
                (stuck ??= []).Add(loop.Name);
        }
        return stuck ?? (IReadOnlyList<string>)[];
    }

    internal void Forget(WatchedLoop loop) => _loops.TryRemove(loop, out _);
}

/// <summary>The handle of one watched loop. <see cref="Beat"/> costs one timestamp and one store: call it every turn.</summary>
public sealed class WatchedLoop : IDisposable
{
    readonly LoopWatchdog _owner;
    readonly TimeProvider _time;
    long _lastBeat;

    internal WatchedLoop(LoopWatchdog owner, TimeProvider time, string name, TimeSpan timeout)
    {
        _owner = owner;
        _time = time;
        Name = name;
        Timeout = timeout;
        Beat();
    }

    public string Name { get; }
    public TimeSpan Timeout { get; }
    public bool IsStuck => _time.GetElapsedTime(Volatile.Read(ref _lastBeat)) > Timeout;

    public void Beat() => Volatile.Write(ref _lastBeat, _time.GetTimestamp());

    public void Dispose() => _owner.Forget(this);
}
