using System.Diagnostics.Metrics;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Telemetry;
using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Hubs;
using Realtime.Signaling.People;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Admin;

/// <summary>The numbers of this replica's sockets: as JSON for operators, and as OpenTelemetry metrics.</summary>
public sealed class SocketMetrics
{
    readonly HubConnections _connections;
    readonly SessionService _sessions;
    readonly ChannelService _channels;
    readonly ChannelFeeds _feeds;
    readonly OutboxTail _tail;
    readonly CircuitRegistry _circuits;
    readonly CrashReporter _crashes;
    readonly ReplicaIdentity _self;
    readonly ModeMonitor _mode;
    readonly GuardMetrics _guards;
    readonly CallCounter _calls;
    readonly SessionEnd _sessionEnd;

    public SocketMetrics(
        HubConnections connections, SessionService sessions, ChannelService channels, ChannelFeeds feeds, OutboxTail tail, CircuitRegistry circuits, CrashReporter crashes,
        ReplicaIdentity self, ModeMonitor mode, GuardMetrics guards, CallCounter calls, SessionEnd sessionEnd)
    {
        (_guards, _calls, _sessionEnd) = (guards, calls, sessionEnd);
        (_connections, _sessions, _channels, _feeds, _tail, _circuits, _crashes, _self, _mode) = (connections, sessions, channels, feeds, tail, circuits, crashes, self, mode);
        var meter = RealtimeTelemetry.Signaling.Meter;
        Gauge(meter, "realtime.connections", "Open hub connections", () => connections.Count);
        Gauge(meter, "realtime.channels", "Channels in memory", () => feeds.Count);
        Counter(meter, "realtime.connections_total", "Hub connections opened", () => connections.Total);
        Counter(meter, "realtime.connections_refused", "Hub connections refused for lack of room", () => connections.Refused);
        Counter(meter, "realtime.sessions_begun", "Sessions begun or resumed", () => sessions.Begun);
        Counter(meter, "realtime.sessions_resumed", "Sessions resumed", () => sessions.Resumed);
        Counter(meter, "realtime.sessions_ended", "Sessions ended by this replica, others' included", () => sessionEnd.Ended);
        Gauge(meter, "realtime.sessions_ending", "Sessions with steps of their end left to do", () => sessionEnd.Pending);
        Counter(meter, "realtime.messages_stored", "Messages stored", () => channels.Sent);
        Counter(meter, "realtime.messages_duplicate", "Retries answered with what was stored", () => channels.Duplicates);
        Counter(meter, "realtime.messages_rejected", "Calls that would have stored a message and were refused", () => calls.MessagesRejected);
        Counter(meter, "realtime.events_processed", "Calls of the hub answered with a result", () => calls.Processed);
        Counter(meter, "realtime.events_rejected", "Calls of the hub answered with an error", () => calls.Rejected);
        Counter(meter, "realtime.circuit_trips", "Circuits opened", Trips);
        Counter(meter, "realtime.redis_reconnections", "Times Redis was away and came back", RedisReconnections);
        Counter(meter, "realtime.crashes", "Exceptions reported", () => crashes.Total);
        Counter(meter, "realtime.outbox_entries", "Outbox entries read", () => tail.Taken);
    }

    public object Read() => new
    {
        Replica = _self.Name,
        Connections = new { Total = _connections.Total, Active = _connections.Count, Failed = _connections.Refused },
        Sessions = new { Begun = _sessions.Begun, Resumed = _sessions.Resumed, _sessionEnd.Ended, Ending = _sessionEnd.Pending },
        Messages = new { Sent = _channels.Sent, Duplicates = _channels.Duplicates, Rejected = _calls.MessagesRejected },
        Events = new { Processed = _calls.Processed, Rejected = _calls.Rejected },
        OutboxEntries = _tail.Taken,
        Channels = _feeds.Count,
        CircuitTrips = Trips(),
        LeaksCleaned = new { Total = CleanedLeaks.Total, ByKind = CleanedLeaks.ByKind },
        RedisReconnections = RedisReconnections(),
        Crashes = _crashes.Total,
        Guards = _guards.Read(),
    };

    public object ReadHealth() => new
    {
        Replica = _self.Name,
        Mode = _mode.State.Mode,
        _mode.Since,
        _mode.State.Reasons,
        _mode.State.Works,
        _mode.State.Refused,
        Active = _connections.Count,
        Guards = _guards.ReadHealth(),
    };

    long Trips() => _circuits.Snapshot().Sum(static circuit => circuit.Opens);

    long RedisReconnections() => _circuits.Get(RedisNews.CircuitName).Snapshot().Closes;

    static void Gauge(Meter meter, string name, string description, Func<long> read) => meter.CreateObservableGauge(name, read, description: description);

    static void Counter(Meter meter, string name, string description, Func<long> read) => meter.CreateObservableCounter(name, read, description: description);
}
