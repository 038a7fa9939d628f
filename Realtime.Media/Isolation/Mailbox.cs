using System.Collections.Concurrent;
using Realtime.Media.Core;
using Realtime.Media.Transport;

namespace Realtime.Media.Isolation;

/// <summary>The worker's loop ended by a fault; it is reported, and starts anew soon.</summary>
/// <param name="mayHaveRun">False: the command was not begun.</param>
public sealed class WorkerDownException(bool mayHaveRun, Exception fault) : Exception("The worker failed.", fault)
{
    public bool MayHaveRun { get; } = mayHaveRun;
}

/// <summary>
/// Commands on their way into a worker's thread. Bounded: when <see cref="Capacity"/> wait, a call is refused and the caller answers
/// <c>unavailable</c>. While the worker is down every call fails at once: nobody waits for what may take long. Answers come back as tasks
/// whose continuations never run on the worker's thread.
/// </summary>
public sealed class Mailbox(Action wake)
{
    public const int Capacity = 1024;

    readonly ConcurrentQueue<WorkItem> items = new();
    int count;
    volatile Exception? fault;

    /// <summary>Runs the work on the worker's thread; null when the mailbox is full.</summary>
    /// <exception cref="WorkerDownException">By the task.</exception>
    public Task<T>? TryCall<T>(Func<Worker, Instant, Outbox, T> work)
    {
        if (fault is { } down) return Task.FromException<T>(new WorkerDownException(mayHaveRun: false, down));
        if (Interlocked.Increment(ref count) > Capacity)
        {
            Interlocked.Decrement(ref count);
            return null;
        }

        var item = new WorkItem<T>(work);
        items.Enqueue(item);
        // It fell between the first look and now, and has emptied the queue already.
        if (fault is { } since) Refuse(since);
        wake();
        return item.Result;
    }

    /// <summary>The worker's loop begins (again).</summary>
    internal void Open() => fault = null;

    /// <summary>The worker's loop ended by this: what waits fails, and what comes until <see cref="Open"/>.</summary>
    internal void Close(Exception reason)
    {
        fault = reason;
        Refuse(reason);
    }

    /// <summary>Nothing waits.</summary>
    internal bool IsEmpty => items.IsEmpty;

    /// <summary>Executes what waits, at least one, until the time is up: callers who ask again as soon as they are answered would keep the thread for ever. On the worker's thread.</summary>
    internal void Drain(Worker worker, Outbox outbox, TimeSpan time)
    {
        var (now, until) = (MonotonicClock.Now, Instant.Never);
        while (now < until && items.TryDequeue(out var item))
        {
            if (until.IsNever) until = now + time;
            Interlocked.Decrement(ref count);
            item.Run(worker, now, outbox);
            now = MonotonicClock.Now;
        }
    }

    void Refuse(Exception reason)
    {
        while (items.TryDequeue(out var item))
        {
            Interlocked.Decrement(ref count);
            item.Refuse(reason);
        }
    }

    abstract class WorkItem
    {
        public abstract void Run(Worker worker, Instant now, Outbox outbox);

        public abstract void Refuse(Exception reason);
    }

    sealed class WorkItem<T>(Func<Worker, Instant, Outbox, T> work) : WorkItem
    {
        readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Result => completion.Task;

        public override void Run(Worker worker, Instant now, Outbox outbox)
        {
            try
            {
                completion.TrySetResult(work(worker, now, outbox));
            }
            catch (Exception exception)
            {
                // The caller learns of it, and so does the loop: commands have their own wall, this came through it.
                completion.TrySetException(new WorkerDownException(mayHaveRun: true, exception));
                throw;
            }
        }

        public override void Refuse(Exception reason) => completion.TrySetException(new WorkerDownException(mayHaveRun: false, reason));
    }
}
