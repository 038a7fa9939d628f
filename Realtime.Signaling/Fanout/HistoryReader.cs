using System.Collections.Concurrent;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Pages of channels older than memory. Readers that come back together ask for neighbouring positions: pages are aligned to <see cref="BlockSize"/> events, and who
/// asks for a block that is being read waits for that read. A thousand returning clients cost one read per block.
/// </summary>
public sealed class HistoryReader(ChannelEventStore events, TimeProvider time)
{
    public const int BlockSize = 100;

    /// <summary>A block just read answers those that come a moment later. Complete blocks change only by deletions, which end this (<see cref="Forget"/>).</summary>
    static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(2);

    /// <summary>Blocks kept; more are read again.</summary>
    const int MaxBlocks = 512;

    readonly record struct Block(string Channel, long Number);

    /// <summary>Lazy, so that of two who come at once only one reads.</summary>
    sealed record Kept(Lazy<Task<IReadOnlyList<ChannelEvent>>> Read, long ReadAt)
    {
        public Task<IReadOnlyList<ChannelEvent>> Events => Read.Value;
    }

    readonly ConcurrentDictionary<Block, Kept> _blocks = [];

    public async Task<FeedPage> PageAsync(string channel, long after, CancellationToken cancellation)
    {
        var block = new Block(channel, after / BlockSize);
        var kept = _blocks.TryGetValue(block, out var known) && IsFresh(known) ? known : null;
        if (kept is null || (kept.Events.IsCompletedSuccessfully && !HasAfter(kept.Events.Result, after)))
            kept = Start(block, known);
        IReadOnlyList<ChannelEvent> read;
        try
        {
            read = await kept.Events.WaitAsync(cancellation);
        }
        catch
        {
            _blocks.TryRemove(new(block, kept));
            throw;
        }
        List<ChannelEvent> page = [.. read.Where(one => one.Seq > after)];
        // Retention took what lies between: the first event that still exists says so. Behind a further hole the next page goes on.
        var skipTo = page.Count > 0 && page[0].Seq > after + 1 ? page[0].Seq - 1 : 0;
        for (var i = 1; i < page.Count; i++)
        {
            if (page[i].Seq != page[i - 1].Seq + 1)
                page.RemoveRange(i, page.Count - i);
        }
        return new FeedPage(page, skipTo);
    }

    /// <summary>Something of the channel was taken back: what was read before is not given out any more.</summary>
    public void Forget(string channel)
    {
        foreach (var (block, kept) in _blocks)
        {
            if (block.Channel == channel)
                _blocks.TryRemove(new(block, kept));
        }
    }

    Kept Start(Block block, Kept? stale)
    {
        if (_blocks.Count >= MaxBlocks)
        {
            foreach (var (key, old) in _blocks)
            {
                if (!IsFresh(old))
                    _blocks.TryRemove(new(key, old));
            }
        }
        var made = new Kept(new(() => ReadAsync(block)), time.GetTimestamp());
        if (stale is not null)
            _blocks.TryUpdate(block, made, stale);
        else if (_blocks.Count < MaxBlocks)
            return _blocks.GetOrAdd(block, made);
        return made;
    }

    async Task<IReadOnlyList<ChannelEvent>> ReadAsync(Block block)
    {
        var read = await events.ReadAfterAsync(block.Channel, block.Number * BlockSize, BlockSize, CancellationToken.None);
        return [.. read.Select(HubFrames.Stored)];
    }

    bool IsFresh(Kept kept) => !kept.Events.IsFaulted && (!kept.Events.IsCompleted || time.GetElapsedTime(kept.ReadAt) < KeepFor);

    static bool HasAfter(IReadOnlyList<ChannelEvent> events, long after) => events.Count > 0 && events[^1].Seq > after;
}
