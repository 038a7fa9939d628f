using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Realtime.Client.Background;

/// <summary>
/// Hands each event to everybody who reads, each at their own pace: a reader has a queue of <see cref="MaxWaiting"/> events, and one that falls further behind loses the oldest. For what
/// is about the state of things, of which the newest news counts; messages have a reader of their own that loses none.
/// </summary>
sealed class Broadcast<T>
{
    public const int MaxWaiting = 1024;

    readonly Lock _gate = new();
    Channel<T>[] _readers = [];
    Exception? _failure;
    bool _ended;

    public void Publish(T value)
    {
        foreach (var reader in Volatile.Read(ref _readers))
            reader.Writer.TryWrite(value);
    }

    /// <summary>All readers end, after what waits for them.</summary>
    public void Complete(Exception? failure = null)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            (_ended, _failure) = (true, failure);
            foreach (var reader in _readers)
                reader.Writer.TryComplete(failure);
        }
    }

    /// <summary>From the beginning of the loop on.</summary>
    /// <param name="first">Handed out before anything else; taken when nothing can come between.</param>
    public async IAsyncEnumerable<T> ReadAsync(Func<IEnumerable<T>>? first = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var queue = Channel.CreateBounded<T>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        IReadOnlyList<T> before;
        lock (_gate)
        {
            before = first is null ? [] : [.. first()];
            if (_ended)
                queue.Writer.TryComplete(_failure);
            Volatile.Write(ref _readers, [.. _readers, queue]);
        }
        try
        {
            foreach (var one in before)
                yield return one;
            await foreach (var one in queue.Reader.ReadAllAsync(cancellation))
                yield return one;
        }
        finally
        {
            lock (_gate)
                Volatile.Write(ref _readers, [.. _readers.Where(reader => reader != queue)]);
        }
    }
}
