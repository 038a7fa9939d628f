using System.Collections.Immutable;
using System.Threading.Channels;
using Realtime.Contracts.MediaControl;

namespace Realtime.Media.Control;

/// <summary>
/// Hands every event to every reader, from the workers' threads, without ever waiting: a reader whose queue is full is cut off, and
/// starts over from a snapshot when it comes back.
/// </summary>
public sealed class EventFeed
{
    /// <summary>Replicas times a few: more readers are refused.</summary>
    public const int MaxReaders = 64;

    ImmutableArray<EventReader> readers = [];
    volatile bool isClosed;

    public bool HasReaders => !readers.IsEmpty;

    /// <summary>Null when there are too many readers.</summary>
    public EventReader? TryOpen(int workers)
    {
        var reader = new EventReader(this, workers);
        var added = false;
        ImmutableInterlocked.Update(ref readers, before =>
        {
            added = before.Length < MaxReaders && !isClosed;
            return added ? before.Add(reader) : before;
        });
        return added ? reader : null;
    }

    /// <summary>The node stops: the streams end, and no new ones begin.</summary>
    public void Close()
    {
        isClosed = true;
        foreach (var reader in readers) reader.Dispose();
    }

    /// <summary>On the worker's thread.</summary>
    public void Publish(int worker, MediaRoomEvent e)
    {
        foreach (var reader in readers) reader.Offer(worker, e);
    }

    /// <summary>Of the node itself, to everyone: the heartbeat.</summary>
    public void Publish(MediaEvent e)
    {
        foreach (var reader in readers) reader.Offer(e);
    }

    internal void Close(EventReader reader) => ImmutableInterlocked.Update(ref readers, before => before.Remove(reader));
}

/// <summary>One reader's queue.</summary>
public sealed class EventReader(EventFeed feed, int workers) : IDisposable
{
    /// <summary>About what a node of 2,000 peers tells when a full room ends; a reader further behind is cut off.</summary>
    const int QueueLength = 16 * 1024;

    // One flag per worker, written and read on that worker's thread alone: what a snapshot holds is not told again, what follows is.
    readonly bool[] attached = new bool[workers];
    readonly Channel<MediaEvent> queue = Channel.CreateBounded<MediaEvent>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    public ChannelReader<MediaEvent> Events => queue.Reader;

    /// <summary>From here on this worker's events are told; called on its thread, together with taking its snapshot.</summary>
    public void Attach(int worker) => attached[worker] = true;

    internal void Offer(int worker, MediaEvent e)
    {
        if (attached[worker]) Offer(e);
    }

    internal void Offer(MediaEvent e)
    {
        if (queue.Writer.TryWrite(e)) return;
        queue.Writer.TryComplete();
        feed.Close(this);
    }

    public void Dispose()
    {
        feed.Close(this);
        queue.Writer.TryComplete();
    }
}
