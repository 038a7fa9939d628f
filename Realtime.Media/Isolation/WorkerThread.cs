using System.Net;
using System.Security.Cryptography;
using Realtime.Media.Core;
using Realtime.Media.Transport;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;
using Realtime.ServiceDefaults.Health;

namespace Realtime.Media.Isolation;

/// <summary>
/// Gives a worker its thread, its UDP port and the clock. One loop: wait, commands, datagrams, timers, send. When the loop throws, the
/// worker's rooms are given up, the fault is reported, and the loop starts again with an empty worker on the same port.
/// </summary>
public sealed class WorkerThread : SupervisedService
{
    /// <summary>A turn takes milliseconds, an idle one a second; a worker silent for longer is stuck (<c>/alive</c>).</summary>
    static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(5);

    /// <summary>Sent when half full, so that the fan-out of one more datagram always fits.</summary>
    const int OutboxDatagrams = 8192;
    const int OutboxBytes = 12 << 20;

    readonly WorkerEnvironment environment;
    readonly LoopWatchdog watchdog;
    readonly WakeSignal wake = new();
    readonly Outbox outbox = new(OutboxBytes, OutboxDatagrams);
    readonly UdpPort port;
    int stopping;

    /// <param name="environmentOf">Given the port that was bound.</param>
    public WorkerThread(Supervisor supervisor, int index, IPEndPoint bind, Func<int, WorkerEnvironment> environmentOf)
        : base(supervisor, $"media-worker-{index}")
    {
        watchdog = supervisor.Watchdog;
        Mailbox = new Mailbox(wake);
        port = new UdpPort(bind, wake, OutboxDatagrams);
        environment = environmentOf(port.LocalPort);
    }

    public Mailbox Mailbox { get; }

    public WorkerCounters Counters { get; } = new();

    public UdpPortCounters PortCounters => port.Counters;

    public int Port => port.LocalPort;

    public bool SegmentationWorks => port.SegmentationWorks;

    public override void Dispose()
    {
        base.Dispose();
        wake.Dispose();
        port.Dispose();
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stopping.Register(() =>
        {
            Volatile.Write(ref this.stopping, 1);
            wake.Set();
        });
        new Thread(() => Run(ended)) { Name = Name, IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();
        await ended.Task;
    }

    void Run(TaskCompletionSource ended)
    {
        Span<byte> key = stackalloc byte[32];
        RandomNumberGenerator.Fill(key);
        var worker = new Worker(environment, new Entropy(key), Counters);
        try
        {
            using var watched = watchdog.Watch(Name, StuckAfter);
            while (Volatile.Read(ref stopping) == 0) Turn(worker, watched);
            worker.Close(MonotonicClock.Now, "shutdown", outbox);
            port.Flush(outbox);
            Mailbox.Refuse(new OperationCanceledException("The node stops."));
            ended.SetResult();
        }
        catch (Exception exception)
        {
            ActionLog.Record("media", "workerFailed", detail: Name);
            outbox.Clear();
            worker.Abandon(incident: null);
            Mailbox.Refuse(exception);
            // The supervisor reports it and starts the loop again.
            ended.SetException(exception);
        }
    }

    void Turn(Worker worker, WatchedLoop watched)
    {
        watched.Beat();
        port.Wait(MonotonicClock.Now, worker.NextDeadline);
        FaultPoint.Hit("media.worker", "turn");
        var now = MonotonicClock.Now;
        Mailbox.Drain(worker, now, outbox);
        while (port.TryReceive(out var from, out var datagram))
        {
            worker.Receive(now, from, datagram, outbox);
            if (outbox.Count >= OutboxDatagrams / 2 || outbox.FreeBytes < OutboxBytes / 2) port.Flush(outbox);
        }

        worker.Tick(MonotonicClock.Now, outbox);
        port.Flush(outbox);
        Counters.AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
    }
}
