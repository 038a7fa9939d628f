using System.Collections.Concurrent;
using System.Net;
using System.Runtime.ExceptionServices;
using Realtime.Media.Core;
using Realtime.Media.Isolation;
using Realtime.Media.Transport;

namespace Realtime.Bench.Load;

/// <summary>
/// Drives all clients on one thread. While a run is measured it never waits on its sockets but looks into them a few thousand times a second:
/// so waking it costs the server nothing, and the kernel's stamps tell when things came.
/// </summary>
sealed class LoadThread : IDisposable
{
    const int OutboxDatagrams = 4096;
    const int MaxRoundsPerTurn = 16;
    const long NapNanoseconds = 250_000;

    static readonly TimeSpan Round = TimeSpan.FromMilliseconds(20);

    readonly LoadSockets sockets = new();
    readonly Outbox outbox = new(8 << 20, OutboxDatagrams);
    readonly Dictionary<int, LoadClient> bySocket = [];
    readonly List<LoadClient> clients = [];
    readonly List<LoadClient> connecting = [];
    readonly List<(LoadClient Client, MediaSource Source)> running = [];
    readonly ConcurrentQueue<Action> posted = new();
    readonly LoadIdentity identity;
    readonly IPAddress address;
    readonly Thread thread;
    ExceptionDispatchInfo? failure;
    Instant nextRound;
    volatile bool stopping;
    volatile bool measuring;
    int created;

    /// <param name="address">Of this machine, as the server will see its clients.</param>
    public LoadThread(SourceKind kind, IPAddress address)
    {
        this.address = address;
        identity = new LoadIdentity(kind);
        thread = new Thread(Run) { Name = "load", IsBackground = true };
        thread.Start();
    }

    public LoadTotals Totals { get; } = new();

    /// <summary>CPU time of the thread so far, to tell whether the generator was the bottleneck.</summary>
    public TimeSpan Busy { get; private set; }

    /// <summary>Naps instead of waiting on the sockets.</summary>
    public bool IsMeasuring { get => measuring; set => measuring = value; }

    /// <summary>A client with a socket of its own; it joins the load by <see cref="AcceptAsync"/>.</summary>
    public LoadClient Create()
    {
        var socket = LoadSockets.Open(out var port);
        return new LoadClient(Interlocked.Increment(ref created), socket, NetAddress.From(new IPEndPoint(address, port)), identity, Totals);
    }

    /// <summary>Gives a client the server's description; it connects from here on.</summary>
    public Task AcceptAsync(LoadClient client, string description) => RunAsync(() =>
    {
        client.Accept(MonotonicClock.Now, description);
        bySocket[client.Socket] = client;
        sockets.Watch(client.Socket);
        clients.Add(client);
        connecting.Add(client);
    });

    public Task RemoveAsync(LoadClient client) => RunAsync(() =>
    {
        client.Close(outbox);
        Flush(client);
        bySocket.Remove(client.Socket);
        clients.Remove(client);
        connecting.Remove(client);
        running.RemoveAll(each => each.Client == client);
        client.Dispose();
    });

    public Task StartSourcesAsync() => RunAsync(() =>
    {
        running.Clear();
        foreach (var client in clients)
        {
            foreach (var source in client.Sources)
            {
                source.Start(MonotonicClock.Now);
                running.Add((client, source));
            }
        }
    });

    public Task PauseSourcesAsync() => RunAsync(() =>
    {
        foreach (var (_, source) in running) source.Pause();
    });

    /// <summary>Runs something on the load thread.</summary>
    public Task RunAsync(Action work) => RunAsync(() =>
    {
        work();
        return true;
    });

    public async Task<T> RunAsync<T>(Func<T> work)
    {
        failure?.Throw();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        posted.Enqueue(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public void Dispose()
    {
        stopping = true;
        thread.Join();
        foreach (var client in clients) client.Dispose();
        sockets.Dispose();
        identity.Dispose();
    }

    void Run()
    {
        // Its own waits for a core would be taken for the server's.
        ThreadUrgency.TryRaise();
        try
        {
            while (!stopping) Turn();
        }
        catch (Exception exception)
        {
            failure = ExceptionDispatchInfo.Capture(exception);
        }
    }

    void Turn()
    {
        while (posted.TryDequeue(out var work)) work();
        Receive();
        var now = MonotonicClock.Now;
        foreach (var (client, source) in running)
        {
            if (source.NextDeadline > now) continue;
            source.Tick(now, (in fields, payload) => client.Send(now, source, fields, payload, outbox));
            Flush(client);
        }

        for (var i = connecting.Count - 1; i >= 0; i--)
        {
            var client = connecting[i];
            Tick(now, client);
            if (client.Connected.IsCompleted) connecting.RemoveAt(i);
        }

        if (now < nextRound) return;
        nextRound = now + Round;
        foreach (var client in clients) Tick(now, client);
        Busy = ThreadTime.OfThisThread();
    }

    void Tick(Instant now, LoadClient client)
    {
        if (client.NextDeadline > now) return;
        client.Tick(now, outbox);
        Flush(client);
    }

    void Receive()
    {
        if (measuring) ThreadTime.Nap(NapNanoseconds);
        for (var round = 0; round < MaxRoundsPerTurn; round++)
        {
            var ready = sockets.Wait(measuring || round > 0 ? 0 : 1);
            if (ready == 0) return;
            for (var i = 0; i < ready; i++)
            {
                if (bySocket.TryGetValue(sockets.Ready(i), out var client)) Receive(client);
            }
        }
    }

    void Receive(LoadClient client)
    {
        var count = sockets.Fill(client.Socket);
        var now = MonotonicClock.Now;
        var unixNow = ThreadTime.UnixNanoseconds;
        for (var i = 0; i < count; i++)
        {
            var bytes = sockets.Message(i, out var arrivedAt, out var segment);
            for (var offset = 0; offset < bytes.Length; offset += segment)
                client.Receive(now, new Arrival(arrivedAt, unixNow), bytes.Slice(offset, Math.Min(segment, bytes.Length - offset)), outbox);
        }

        Flush(client);
    }

    void Flush(LoadClient client)
    {
        if (outbox.Count > 0) sockets.Send(client.Socket, outbox);
    }
}
