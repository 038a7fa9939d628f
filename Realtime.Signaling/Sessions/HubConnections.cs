using System.Collections.Concurrent;
using System.Collections.Immutable;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Sessions;

/// <summary>The open connections and attached sessions of this replica. Bounded by <see cref="LimitOptions.MaxConnections"/>: <see cref="TryAdd"/> refuses more.</summary>
public sealed class HubConnections(LimitOptions limits)
{
    readonly ConcurrentDictionary<string, HubConnection> _connections = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, HubConnection> _bySession = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, ImmutableArray<HubConnection>> _byUser = new(StringComparer.Ordinal);
    readonly Lock _attaching = new();
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

    /// <summary>The connections that hold sessions of the user here.</summary>
    public ImmutableArray<HubConnection> OfUser(string user) => _byUser.GetValueOrDefault(user, []);

    /// <summary>Gives the session to a connection. False: that has ended meanwhile (calls may outlive their connection), and nobody would ever take the session from it.</summary>
    /// <param name="before">The connection that had it until now, if any.</param>
    public bool TryAttach(HubConnection connection, HubSession session, out HubConnection? before)
    {
        lock (_attaching)
        {
            before = null;
            if (connection.HasEnded)
                return false;
            connection.Attach(session);
            before = _bySession.GetValueOrDefault(session.Id);
            _bySession[session.Id] = connection;
            var others = OfUser(session.User);
            _byUser[session.User] = (before is null ? others : others.Remove(before)).Add(connection);
            return true;
        }
    }

    /// <summary>The connection is over. Null: it had no session, and gets none any more.</summary>
    public HubSession? End(HubConnection connection)
    {
        lock (_attaching)
        {
            connection.HasEnded = true;
            return connection.Session;
        }
    }

    /// <summary>False: another connection has the session by now.</summary>
    public bool TryDetach(HubConnection connection, HubSession session)
    {
        lock (_attaching)
        {
            if (!_bySession.TryRemove(new(session.Id, connection)))
                return false;
            var left = OfUser(session.User).Remove(connection);
            if (left.IsEmpty)
                _byUser.TryRemove(session.User, out _);
            else
                _byUser[session.User] = left;
            return true;
        }
    }
}
