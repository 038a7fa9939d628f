using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;
using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Modes;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Sessions;

/// <summary>Watches the circuits and the nodes, names the mode, and tells every client when it changes.</summary>
public sealed class ModeMonitor(CircuitRegistry circuits, NodeDirectory nodes, HubConnections connections, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromMilliseconds(500), "sessions.mode"), IOperatingMode
{
    volatile OperatingState _state = OperatingState.Normal;
    DateTimeOffset _since = supervisor.Time.GetUtcNow();

    public OperatingState State => _state;

    string IOperatingMode.Name => _state.Mode;

    protected override Task TickAsync(CancellationToken stopping)
    {
        var known = nodes.Nodes();
        // Half-open is not yet well: the mode ends when the circuit has closed.
        var outages = new Outages(IsOut(RedisNews.CircuitName), IsOut(Database.CircuitName), known.Count > 0 && known.All(static node => node.State == NodeState.Lost));
        var state = OperatingState.For(outages);
        if (state.Reasons.SequenceEqual(_state.Reasons))
            return Task.CompletedTask;
        _state = state;
        _since = Time.GetUtcNow();
        ActionLog.Record(Name, state.Mode, detail: string.Join(',', state.Reasons));
        var frame = HubFrames.Encode(HubEvent.Mode, new ModeEvent(state.Mode, _since, state.Works, state.Refused));
        foreach (var connection in connections.All)
        {
            if (connection.Session is not null)
                connection.Lanes.SendLatest("mode", frame);
        }
        return Task.CompletedTask;
    }

    bool IsOut(string circuit) => circuits.Get(circuit).State != CircuitState.Closed;
}
