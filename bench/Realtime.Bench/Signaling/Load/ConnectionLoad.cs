using System.Diagnostics;
using Realtime.Bench.Load;

namespace Realtime.Bench.Signaling.Load;

/// <summary>
/// Thousands of clients of one server on the calling thread: a loop over epoll that counts what comes and does what is due. It knows nothing of JSON, so that it costs less
/// than any server it measures.
/// </summary>
sealed class ConnectionLoad(ChatDialect dialect, int port) : IDisposable
{
    /// <summary>Connections being made at once: within every server's backlog.</summary>
    const int Parallel = 100;

    /// <summary>Clients of one address; more would meet limits per address.</summary>
    const int PerAddress = 8;

    const int ReceiveBytes = 256 * 1024;
    const int ReadsAtOnce = 4;
    static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(8);

    readonly int epoll = Libc.NewEpoll();
    readonly Libc.EpollEvent[] events = new Libc.EpollEvent[512];
    readonly byte[] buffer = new byte[ReceiveBytes];
    readonly List<LoadConnection> connections = [];
    readonly PriorityQueue<Action, long> timers = new();
    long busy;
    string? refusal;

    public IReadOnlyList<LoadConnection> Connections => connections;

    public LatencyHistogram Latency { get; } = new();

    public long Deliveries { get; private set; }

    public bool IsMeasuring { get; private set; }

    /// <summary>Each group has one writer, so its numbers follow each other.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>The number of the first client's user; the others follow.</summary>
    public int FirstUser { get; init; }

    /// <summary>What is done when a connection breaks that was not meant to.</summary>
    public Action<LoadConnection, ConnectionPhase>? OnLost { get; set; }

    /// <summary>The last refusal of a server, for the message of a run that fails.</summary>
    public string? Refusal => refusal;

    /// <summary>What this thread has worked, not waited.</summary>
    public TimeSpan Busy => Stopwatch.GetElapsedTime(0, busy);

    public LoadConnection Create(int receiveBuffer = 0)
    {
        var number = connections.Count;
        var connection = new LoadConnection(this, number, FirstUser + number, dialect, port, (4 << 16) | ((number / PerAddress) + 1), receiveBuffer);
        connections.Add(connection);
        return connection;
    }

    /// <summary>Brings in that many more clients, each into its group; returns them when all are in.</summary>
    public IReadOnlyList<LoadConnection> Enter(int count, Func<int, string?> group)
    {
        var newcomers = Enumerable.Range(0, count).Select(_ => Create()).ToList();
        var waiting = new Queue<(LoadConnection Connection, int Number)>(newcomers.Select((connection, i) => (connection, i)));
        var opened = new List<LoadConnection>();
        var failedBefore = OnLost;
        OnLost = (connection, _) => throw new InvalidOperationException($"A client lost its connection on its way in. {refusal}");
        RunUntil(() =>
        {
            opened.RemoveAll(connection =>
            {
                if (connection.Phase != ConnectionPhase.Live) return false;
                // From here on, not when the last one is in: who says nothing for that long is taken for dead.
                PingFrom(connection, PingEvery * Random.Shared.NextDouble());
                return true;
            });
            while (opened.Count < Parallel && waiting.TryDequeue(out var next))
            {
                next.Connection.Open(dialect.Enter(next.Connection.User, group(next.Number)));
                opened.Add(next.Connection);
            }

            return opened.Count == 0 && waiting.Count == 0;
        }, TimeSpan.FromMinutes(3), "all clients in");
        OnLost = failedBefore;
        return newcomers;
    }

    /// <summary>A client sends a text of that length to a group, so many a second, until the measurement stops.</summary>
    /// <returns>What stops it, and says how many were sent.</returns>
    public Func<int> Send(LoadConnection from, string group, double perSecond, int length, TimeSpan after = default)
    {
        var (sent, stopped) = (0, false);
        var start = Stopwatch.GetTimestamp() + (long)(after.TotalSeconds * Stopwatch.Frequency);
        Next();
        return () =>
        {
            stopped = true;
            return sent;
        };

        void Next()
        {
            if (stopped) return;
            var due = start + (long)(sent / perSecond * Stopwatch.Frequency);
            // Timed when it is due: a server that makes its senders wait does not thereby look faster.
            At(due, () =>
            {
                if (stopped) return;
                sent++;
                from.Send(dialect.Message(group, MessageMark.Text(sent, due, length), sent));
                Next();
            });
        }
    }

    public void After(TimeSpan time, Action action) => At(Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency), action);

    public void StartMeasuring()
    {
        Latency.Clear();
        Deliveries = 0;
        var now = Stopwatch.GetTimestamp();
        foreach (var connection in connections) connection.StartMeasuring(now);
        IsMeasuring = true;
    }

    public void StopMeasuring()
    {
        IsMeasuring = false;
        var now = Stopwatch.GetTimestamp();
        foreach (var connection in connections) connection.StopMeasuring(now);
    }

    public void Run(TimeSpan time)
    {
        var end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end) Turn();
    }

    public void RunUntil(Func<bool> done, TimeSpan patience, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!done())
        {
            if (clock.Elapsed > patience) throw new TimeoutException($"Not within {patience.TotalSeconds} s: {what}. {refusal}");
            Turn();
        }
    }

    public void Watch(LoadConnection connection, bool connecting) =>
        Libc.Watch(epoll, connection.Fd, connection.Id, connecting ? Libc.EpollOut : Libc.EpollIn, again: !connecting);

    public void Lost(LoadConnection connection, ConnectionPhase was) => OnLost?.Invoke(connection, was);

    public void Refused(LoadConnection connection, string answer) => refusal = $"Client {connection.User} was answered: {answer}";

    public void Entered(LoadConnection connection) => OnEntered?.Invoke(connection);

    public Action<LoadConnection>? OnEntered { get; set; }

    public void Delivered(long nanoseconds)
    {
        if (!IsMeasuring) return;
        Deliveries++;
        Latency.Add(nanoseconds);
    }

    public void Dispose()
    {
        foreach (var connection in connections) connection.Close();
        Libc.Close(epoll);
    }

    void PingFrom(LoadConnection connection, TimeSpan after)
    {
        if (dialect.Ping is not { } ping) return;
        After(after, () =>
        {
            if (connection.Phase == ConnectionPhase.Live) connection.Send(ping);
            PingFrom(connection, PingEvery);
        });
    }

    void At(long time, Action action) => timers.Enqueue(action, time);

    void Turn()
    {
        var wait = timers.TryPeek(out _, out var due) ? (int)Math.Clamp((due - Stopwatch.GetTimestamp()) / 1_000_000, 0, 10) : 10;
        var ready = Libc.Wait(epoll, events, wait);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < ready; i++) Take(connections[events[i].Id], events[i].Events);
        while (timers.TryPeek(out _, out due) && due <= Stopwatch.GetTimestamp()) timers.Dequeue()();
        busy += Stopwatch.GetTimestamp() - began;
    }

    void Take(LoadConnection connection, uint what)
    {
        if (connection.Fd < 0) return;
        if (connection.Phase == ConnectionPhase.Connecting)
        {
            if ((what & (Libc.EpollError | Libc.EpollHangUp)) != 0) connection.Broken();
            else connection.Connected();
            return;
        }

        for (var reads = 0; reads < ReadsAtOnce && connection.Fd >= 0; reads++)
        {
            var read = Libc.Receive(connection.Fd, buffer);
            if (read == -1) return;
            if (read is 0 or -2)
            {
                connection.Broken();
                return;
            }

            connection.Take(buffer.AsSpan(0, read), Stopwatch.GetTimestamp());
            if (read < buffer.Length) return;
        }
    }
}
