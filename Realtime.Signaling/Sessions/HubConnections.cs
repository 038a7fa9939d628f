using System.Collections.Concurrent;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Sessions;

/// <summary>The open connections and attached sessions of this replica. Bounded by <see cref="LimitOptions.MaxConnections"/>: <see cref="TryAdd"/> refuses more.</summary>
public sealed class HubConnections(LimitOptions limits)
{
    readonly ConcurrentDictionary<string, HubConnection> _connections = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, HubConnection> _bySession = new(StringComparer.Ordinal);
    int _count;
    long _total;
    long _refused;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Since the start.</summary>
    public long Total => Volatile.Read(ref _total);

    public long Refused => Volatile.Read(ref _refused);

    public IEnumerable<HubConnection> All => _connections.Values;

    public bool IsFull => Count >= limits.MaxConnections;

    public bool TryAdd(HubConnection connection)
    {
        if (Interlocked.Increment(ref _count) > limits.MaxConnections)
        {
            Interlocked.Decrement(ref _count);
            Interlocked.Increment(ref _refused);
            return false;
        }
        Interlocked.Increment(ref _total);
        _connections[connection.Id] = connection;
        return true;
    }

    public void Remove(HubConnection connection)
    {
        if (_connections.TryRemove(connection.Id, out _))
            Interlocked.Decrement(ref _count);
    }

    /// <summary>The connection that holds the session here.</summary>
    public HubConnection? Holder(string session) => _bySession.GetValueOrDefault(session);

    /// <summary>Gives the session to a connection.</summary>
    /// <returns>The connection that had it until now, if any.</returns>
    public HubConnection? Attach(HubConnection connection, HubSession session)
    {
        connection.Attach(session);
        HubConnection? before = null;
        _bySession.AddOrUpdate(session.Id, connection, (_, held) =>
        {
            before = held;
            return connection;
        });
        return before;
    }

    /// <summary>False: another connection has the session by now.</summary>
    public bool TryDetach(HubConnection connection, HubSession session) => _bySession.TryRemove(new(session.Id, connection));
}
