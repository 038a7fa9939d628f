using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Realtime.Contracts;

namespace Realtime.Client.Channels;

/// <summary>
/// Hands a channel's events to everybody who reads, each at their own pace. A reader has a queue of <see cref="MaxWaiting"/> events; one that falls further behind gets nothing live until it
/// has read what waits, then reads the messages it missed from history, and goes on live: it loses no message and gets none twice, and holds nobody up.
/// </summary>
/// <param name="gate">Guards the channel: events are published under it, so that its position and what readers were given agree.</param>
sealed class ChannelReaders(Lock gate)
{
    public const int MaxWaiting = 1024;

    readonly List<Reader> _readers = [];
    Exception? _failure;
    bool _ended;

    public int Count => _readers.Count;

    /// <summary>Under the gate.</summary>
    public void Publish(ChannelEvent next)
    {
        foreach (var reader in _readers)
            reader.Offer(next);
    }

    /// <summary>Under the gate: all readers end, after what waits for them.</summary>
    public void Complete(Exception? failure)
    {
        (_ended, _failure) = (true, failure);
        foreach (var reader in _readers)
            reader.Queue.Writer.TryComplete(failure);
        _readers.Clear();
    }

    /// <summary>Under the gate: the channel was joined again.</summary>
    public void Reopen() => (_ended, _failure) = (false, null);

    /// <param name="after">Goes on after this event, from history first; null: from now on.</param>
    /// <param name="position">The last event published, read under the gate.</param>
    /// <param name="history">A page of messages after that.</param>
    public async IAsyncEnumerable<ChannelEvent> ReadAsync(
        long? after, Func<long> position, Func<long, CancellationToken, Task<IReadOnlyList<Message>>> history, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var reader = Enter(after, position);
        try
        {
            while (true)
            {
                if (!reader.Queue.Reader.TryRead(out var next))
                {
                    if (TryCatchUp(reader, position, out var to))
                    {
                        if (reader.HasMissed)
                            yield return new EventsSkipped(reader.Seq + 1, to, MessagesToo: false);
                        while (reader.Seq < to)
                        {
                            var page = await history(reader.Seq, cancellation);
                            foreach (var message in page.Where(message => message.Seq > reader.Seq && message.Seq <= to).OrderBy(static message => message.Seq))
                            {
                                reader.Seq = message.Seq;
                                yield return new MessageCreated(message);
                            }
                            if (page.Count < ChatChannel.HistoryPage || page.Max(static message => message.Seq) > to)
                                reader.Seq = to;
                        }
                    }
                    else if (!await reader.Queue.Reader.WaitToReadAsync(cancellation))
                        yield break;
                    continue;
                }
                // What was read from history comes once more when both overlap.
                if (next.Seq > 0 && next.Seq <= reader.Seq)
                    continue;
                if (next.Seq > 0)
                    reader.Seq = next.Seq;
                else if (next is EventsSkipped { RestartsAt: { } restart })
                    reader.Seq = restart;
                yield return next;
            }
        }
        finally
        {
            lock (gate)
                _readers.Remove(reader);
        }
    }

    Reader Enter(long? after, Func<long> position)
    {
        lock (gate)
        {
            var reader = new Reader { Seq = after ?? position(), IsBehind = after is { } from && from < position() };
            if (_ended)
                reader.Queue.Writer.TryComplete(_failure);
            else
                _readers.Add(reader);
            return reader;
        }
    }

    bool TryCatchUp(Reader reader, Func<long> position, out long to)
    {
        lock (gate)
        {
            to = position();
            var isBehind = reader.IsBehind;
            reader.IsBehind = false;
            // Restored from a backup meanwhile: there is less than was.
            reader.Seq = Math.Min(reader.Seq, isBehind ? to : reader.Seq);
            return isBehind;
        }
    }

    sealed class Reader
    {
        public Channel<ChannelEvent> Queue { get; } = Channel.CreateBounded<ChannelEvent>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

        /// <summary>The last event it was handed.</summary>
        public long Seq { get; set; }

        /// <summary>Gets nothing live: what it has not been given is read from history.</summary>
        public bool IsBehind { get; set; }

        /// <summary>It fell behind; else it asked to begin in the past.</summary>
        public bool HasMissed { get; private set; }

        public void Offer(ChannelEvent next)
        {
            if (IsBehind || Queue.Writer.TryWrite(next))
                return;
            IsBehind = HasMissed = true;
        }
    }
}
