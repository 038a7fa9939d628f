using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Modes;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Sessions;

/// <summary>Watches the circuits and the nodes, names the mode, and tells every client when it changes.</summary>
public sealed class ModeMonitor(CircuitRegistry circuits, AuthCircuit auth, NodeDirectory nodes, HubConnections connections, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromMilliseconds(250), "sessions.mode"), IOperatingMode
{
    readonly Lock _gate = new();
    readonly ModeMachine _machine = new();
    readonly long _started = supervisor.Time.GetTimestamp();
    volatile OperatingState _state = OperatingState.Normal;
    DateTimeOffset _since = supervisor.Time.GetUtcNow();
    long _changes;

    public OperatingState State => _state;

    /// <summary>Since the start, for metrics.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>When the mode began.</summary>
    public DateTimeOffset Since
    {
        get
        {
            lock (_gate)
                return _since;
        }
    }

    string IOperatingMode.Name => _state.Mode;

    /// <summary>Looks at the dependencies now, and believes what it sees (<c>POST /admin/socket/recovery</c>).</summary>
    public OperatingState Recheck()
    {
        Look(settle: true);
        return _state;
    }

    protected override Task TickAsync(CancellationToken stopping)
    {
        Look(settle: false);
        return Task.CompletedTask;
    }

    void Look(bool settle)
    {
        lock (_gate)
        {
            var (seen, now) = (Seen(), Time.GetElapsedTime(_started));
            if (!(settle ? _machine.Settle(seen, now) : _machine.Observe(seen, now)))
                return;
            _state = _machine.State;
            _since = Time.GetUtcNow();
            Interlocked.Increment(ref _changes);
        }
        var state = _state;
        ActionLog.Record(Name, state.Mode, detail: string.Join(',', state.Reasons));
        var frame = HubFrames.Encode(HubEvent.Mode, new ModeEvent(state.Mode, Since, state.Works, state.Refused));
        foreach (var connection in connections.All)
        {
            if (connection.Session is not null)
                connection.Lanes.SendLatest("mode", frame);
        }
    }

    Outages Seen()
    {
        var known = nodes.Nodes();
        // Half-open is not yet well: the mode ends when the circuit has closed.
        return new Outages(
            IsOut(RedisNews.CircuitName), IsOut(Database.CircuitName), known.Count > 0 && known.All(static node => node.State == NodeState.Lost), auth.IsAway);
    }

    bool IsOut(string circuit) => circuits.Get(circuit).State != CircuitState.Closed;
}
