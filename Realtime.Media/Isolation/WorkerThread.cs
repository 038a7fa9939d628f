using System.Security.Cryptography;
using Realtime.Media.Core;
using Realtime.Media.Transport;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;
using Realtime.ServiceDefaults.Health;

namespace Realtime.Media.Isolation;

/// <summary>
/// Gives a worker its thread, its sockets and the clock. One loop: wait, commands, datagrams, timers, send. When the loop throws, the
/// worker's rooms are given up, the fault is reported, and the loop starts again with an empty worker on the same sockets.
/// </summary>
public sealed class WorkerThread : SupervisedService
{
    /// <summary>A turn takes milliseconds, an idle one a second; a worker silent for longer is stuck (<c>/alive</c>).</summary>
    static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(5);

    /// <summary>Sent when half full, so that the fan-out of one more datagram always fits.</summary>
    const int OutboxDatagrams = 8192;
    const int OutboxBytes = 12 << 20;

    /// <summary>Under load, how often a turn rests for the rest of a frame: a millisecond in all.</summary>
    const int MaxRests = 4;

    /// <summary>Of one turn, for commands; the others wait for the next, so that however many come, media goes between them.</summary>
    static readonly TimeSpan CommandTime = TimeSpan.FromMilliseconds(1);

    readonly WorkerEnvironment environment;
    readonly LoopWatchdog watchdog;
    readonly Outbox outbox = new(OutboxBytes, OutboxDatagrams);
    readonly IMediaEdge edge;
    readonly HandoverQueue handovers;
    readonly NodeLease lease;
    long fences;
    int stopping;

    /// <param name="environmentOf">Given the UDP port that was bound, 0 without UDP.</param>
    public WorkerThread(Supervisor supervisor, int index, EdgeOptions options, NodeLease lease, Func<int, WorkerEnvironment> environmentOf)
        : base(supervisor, $"media-worker-{index}")
    {
        this.lease = lease;
        watchdog = supervisor.Watchdog;
        edge = MediaEdge.Open(options with { MaxDatagrams = OutboxDatagrams });
        Mailbox = new Mailbox(edge.Wake);
        handovers = new HandoverQueue(edge.Wake);
        environment = environmentOf(edge.UdpPort);
    }

    enum Arrival
    {
        Nothing,
        /// <summary>Nothing but beginnings and middles of frames.</summary>
        Middle,
        End,
    }

    public Mailbox Mailbox { get; }

    public WorkerCounters Counters { get; } = new();

    public EdgeCounters PortCounters => edge.Counters;

    /// <summary>0 without UDP.</summary>
    public int Port => edge.UdpPort;

    public bool SegmentationWorks => edge.SegmentationWorks;

    /// <summary>From the listener's thread. False: too many wait, the connection stays the caller's.</summary>
    public bool TryHandOver(TcpHandover connection) => handovers.TryAdd(connection);

    public override void Dispose()
    {
        base.Dispose();
        handovers.Close();
        edge.Dispose();
    }

    protected override Task RunLoopAsync(CancellationToken stopping) => DedicatedThread.RunAsync(Name, Run, Stop, stopping);

    void Stop()
    {
        Volatile.Write(ref stopping, 1);
        edge.Wake();
    }

    void Run()
    {
        Span<byte> key = stackalloc byte[32];
        RandomNumberGenerator.Fill(key);
        var worker = new Worker(environment, new Entropy(key), Counters);
        Mailbox.Open();
        fences = lease.Look(MonotonicClock.Now);
        try
        {
            using var watched = watchdog.Watch(Name, StuckAfter);
            while (Volatile.Read(ref stopping) == 0) Turn(worker, watched);
            worker.Close(MonotonicClock.Now, "shutdown", outbox);
            edge.Flush(outbox);
            CloseOrphans(worker);
            handovers.Close();
            Mailbox.Close(new OperationCanceledException("The node stops."));
        }
        catch (Exception exception)
        {
            ActionLog.Record("media", "workerFailed", detail: Name);
            outbox.Clear();
            worker.Abandon(incident: null);
            edge.CloseConnections();
            Mailbox.Close(exception);
            throw;
        }
    }

    void Turn(Worker worker, WatchedLoop watched)
    {
        watched.Beat();
        edge.Wait(MonotonicClock.Now, Mailbox.IsEmpty ? worker.NextDeadline : Instant.Zero);
        FaultPoint.Hit("media.worker", "turn");
        var now = MonotonicClock.Now;
        FenceAfterSleep(worker, now);
        Mailbox.Drain(worker, outbox, CommandTime);
        now = MonotonicClock.Now;
        while (handovers.TryTake(out var connection)) edge.Adopt(now, connection);
        var arrival = Receive(worker, now);
        for (var rests = 0; arrival == Arrival.Middle && rests < MaxRests && edge.IsLoaded; rests++)
        {
            edge.Rest();
            if (Receive(worker, MonotonicClock.Now) == Arrival.End) break;
        }

        Send(worker);
        now = MonotonicClock.Now;
        while (edge.TryTakeClosed(out var path)) worker.LosePath(now, path);
        CloseOrphans(worker);
        Counters.AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
    }

    Arrival Receive(Worker worker, Instant now)
    {
        var arrival = Arrival.Nothing;
        while (edge.TryReceive(out var from, out var datagram))
        {
            if (arrival != Arrival.End) arrival = FrameRest.Follows(datagram) ? Arrival.Middle : Arrival.End;
            worker.Receive(now, from, datagram, outbox);
            if (worker.IsFull || outbox.Count >= OutboxDatagrams / 2 || outbox.FreeBytes < OutboxBytes / 2) Send(worker);
        }

        return arrival;
    }

    /// <summary>Timers, and what waits to be forwarded: as often as the outbox is full.</summary>
    void Send(Worker worker)
    {
        do
        {
            var since = worker.WaitsSince;
            worker.Tick(MonotonicClock.Now, outbox);
            if (FenceAfterSleep(worker, MonotonicClock.Now)) outbox.Clear();
            var copies = outbox.Count;
            edge.Flush(outbox);
            if (!since.IsNever && copies > 0) Counters.Latency.Record(MonotonicClock.Now - since, copies);
        }
        while (worker.HasMedia);
    }

    bool FenceAfterSleep(Worker worker, Instant now)
    {
        if (lease.Look(now) is var number && number == fences) return false;
        fences = number;
        if (!worker.HasRooms) return false;
        worker.Fence(number, lease.LastPause);
        return true;
    }

    /// <summary>TCP connections that are nobody's path any more, or never became one.</summary>
    void CloseOrphans(Worker worker)
    {
        while (worker.TryTakeOrphan(out var connection)) edge.Close(connection);
    }
}
