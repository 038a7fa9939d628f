using System.Collections.Concurrent;
using Realtime.Media.Core;

namespace Realtime.Media.Isolation;

/// <summary>
/// Commands on their way into a worker's thread. Bounded: when <see cref="Capacity"/> wait, a call is refused and the caller answers
/// <c>unavailable</c>. Answers come back as tasks whose continuations never run on the worker's thread.
/// </summary>
public sealed class Mailbox(Action wake)
{
    public const int Capacity = 1024;

    readonly ConcurrentQueue<WorkItem> items = new();
    int count;

    /// <summary>Runs the work on the worker's thread; null when the mailbox is full.</summary>
    public Task<T>? TryCall<T>(Func<Worker, Instant, Outbox, T> work)
    {
        if (Interlocked.Increment(ref count) > Capacity)
        {
            Interlocked.Decrement(ref count);
            return null;
        }

        var item = new WorkItem<T>(work);
        items.Enqueue(item);
        wake();
        return item.Result;
    }

    /// <summary>Executes what waits; on the worker's thread.</summary>
    internal void Drain(Worker worker, Instant now, Outbox outbox)
    {
        while (items.TryDequeue(out var item))
        {
            Interlocked.Decrement(ref count);
            item.Run(worker, now, outbox);
        }
    }

    /// <summary>The worker's loop ended: what waits is answered with its fault.</summary>
    internal void Refuse(Exception reason)
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
                completion.TrySetException(exception);
                throw;
            }
        }

        public override void Refuse(Exception reason) => completion.TrySetException(reason);
    }
}
