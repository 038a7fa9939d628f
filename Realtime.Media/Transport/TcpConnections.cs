using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// A worker's TCP connections, whatever tells that they are ready: frames are taken off them one by one, runs of packets for one reader go out in one
/// write, and a reader that is behind has a bounded backlog (<see cref="TcpLimits"/>). Buffers are shared or borrowed; in a steady
/// state nothing is allocated.
/// </summary>
internal sealed class TcpConnections(TcpLimits limits, EdgeCounters counters, Action<TcpConnection>? backlogChanged = null)
{
    static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    readonly Dictionary<int, TcpConnection> connections = [];
    readonly List<TcpConnection> ready = [];
    readonly Queue<NetAddress> closed = new();
    readonly TcpFrameReader reader = new(limits.MaxPacket);
    readonly TcpFrameWriter writer = new(limits, counters, backlogChanged);
    Instant now;
    Instant nextSweep;
    int nextReady;
    int lastNumber;

    public IReadOnlyCollection<TcpConnection> All => connections.Values;

    /// <summary>Null when there are too many; the socket is closed then.</summary>
    public TcpConnection? Adopt(Instant at, TcpHandover handover)
    {
        now = at;
        if (connections.Count >= limits.Connections || handover.FirstFrame.Length > StreamFraming.HeaderLength + limits.MaxPacket)
        {
            handover.Socket.Dispose();
            counters.TcpBroken++;
            return null;
        }

        // A number is used again after two thousand million connections.
        do lastNumber = lastNumber == int.MaxValue ? 1 : lastNumber + 1;
        while (connections.ContainsKey(lastNumber));
        handover.Socket.NoDelay = true;
        handover.Socket.SendBufferSize = limits.KernelBufferBytes;
        var connection = new TcpConnection(lastNumber, handover.Socket, handover.Remote, at);
        reader.Keep(connection, handover.FirstFrame);
        connections.Add(connection.Number, connection);
        ready.Add(connection);
        counters.TcpAdopted++;
        counters.TcpConnections = connections.Count;
        return connection;
    }

    /// <summary>A number that is gone is ignored: the event was on its way.</summary>
    public void MarkReady(int number, bool readable, bool writable)
    {
        if (!connections.TryGetValue(number, out var connection)) return;
        if (writable && !writer.TryDrain(now, connection)) End(connection);
        else if (readable) ready.Add(connection);
    }

    /// <summary>The next frame of the ready connections; each is read once a turn, so that none keeps the others waiting.</summary>
    public bool TryReceive(out NetAddress from, out Span<byte> frame)
    {
        while (true)
        {
            if (reader.Current is { } reading)
            {
                switch (reader.TryNext(out frame))
                {
                    case FrameState.Whole when reading.LingersUntil.IsNever:
                        from = reading.Address;
                        return true;
                    case FrameState.TooLong:
                        counters.TcpBroken++;
                        End(reading);
                        break;
                }

                continue;
            }

            if (nextReady == ready.Count)
            {
                ready.Clear();
                nextReady = 0;
                from = default;
                frame = default;
                return false;
            }

            var next = ready[nextReady++];
            if (!next.IsClosed && !reader.TryFill(now, next)) End(next);
        }
    }

    /// <summary>One destination's packets, framed.</summary>
    public void Send(Outbox outbox, DestinationRuns runs, int destination)
    {
        var first = runs.First(destination);
        if (!connections.TryGetValue(outbox.Entries[first].To.Connection, out var connection) || !connection.LingersUntil.IsNever)
        {
            // Ended a moment ago; who sends to it will know after this turn.
            for (var i = first; i >= 0; i = runs.Next(i)) counters.SendErrors++;
            return;
        }

        if (!writer.TryWrite(now, connection, outbox, runs, first)) End(connection);
    }

    /// <summary>No packet comes from it or goes to it any more; it ends when the other side has read to the end, or soon.</summary>
    public void Close(in NetAddress address)
    {
        if (!connections.TryGetValue(address.Connection, out var connection) || connection.Address != address) return;
        connection.LingersUntil = now + limits.LingerFor;
        if (!connection.HasBacklog && !connection.TryFinish()) End(connection);
    }

    public void CloseAll()
    {
        foreach (var connection in connections.Values) Release(connection);
        connections.Clear();
        ready.Clear();
        nextReady = 0;
        closed.Clear();
        counters.TcpConnections = 0;
    }

    public bool TryTakeClosed(out NetAddress connection) => closed.TryDequeue(out connection);

    /// <summary>Sets the time for this turn; now and then ends those that are idle, stuck or overdue.</summary>
    public void Sweep(Instant at)
    {
        now = at;
        if (now < nextSweep) return;
        nextSweep = now + SweepInterval;
        foreach (var connection in connections.Values)
        {
            if (connection.HasBacklog && now - connection.LastProgress >= limits.StuckAfter)
            {
                counters.TcpSlowReadersClosed++;
                End(connection);
            }
            else if (now >= connection.LingersUntil || now - connection.LastHeard >= limits.IdleAfter)
            {
                End(connection);
            }
        }
    }

    void End(TcpConnection connection)
    {
        if (connection.IsClosed) return;
        connections.Remove(connection.Number);
        counters.TcpConnections = connections.Count;
        Release(connection);
        // Whoever asked for the end need not be told of it.
        if (connection.LingersUntil.IsNever) closed.Enqueue(connection.Address);
    }

    void Release(TcpConnection connection)
    {
        connection.IsClosed = true;
        reader.Forget(connection);
        writer.Forget(connection);
        connection.Socket.Dispose();
    }
}
