using System.Diagnostics.CodeAnalysis;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Tells what channels with many readers have to tell. Handing one event to one reader costs a write to its socket, however small the event is; several events in one write
/// cost as much. So such a channel is told at once when it has been quiet, and once per <see cref="Every"/> while it is not. Several loops, so that one big channel holds
/// up only its share of the others.
/// </summary>
public sealed class FeedBeat : SupervisedService
{
    /// <summary>From one telling of a channel to the next: a fifth of what people notice.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);

    /// <summary>Below, whoever brings an event tells it: that costs little.</summary>
    public const int ManyReaders = 16;

    /// <summary>Events that wait for a beat; whoever brings one more tells them all.</summary>
    public const int MaxGathered = 256;

    readonly Lane[] _lanes;

    public FeedBeat(Supervisor supervisor) : base(supervisor, "fanout.beat")
    {
        _lanes = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Lane(Time))];
    }

    internal TimeProvider Clock => Time;

    /// <summary>
    /// The feed is called back (<see cref="ChannelFeed.DeliverDue"/>) when the beat after its last telling has come, at once when that is long ago. Each feed asks once until
    /// then, so the feeds known bound what waits here.
    /// </summary>
    internal void Tell(ChannelFeed feed, long toldAt) => _lanes[(int)((uint)feed.Channel.GetHashCode(StringComparison.Ordinal) % _lanes.Length)].Add(feed, toldAt);

    protected override Task RunLoopAsync(CancellationToken stopping) => Task.WhenAll(_lanes.Select(lane => RunLaneAsync(lane, stopping)));

    async Task RunLaneAsync(Lane lane, CancellationToken stopping)
    {
        while (true)
        {
            await lane.WaitAsync(stopping);
            while (lane.TryTake(out var feed))
            {
                await RunItemAsync("deliver", _ =>
                {
                    feed.DeliverDue();
                    return Task.CompletedTask;
                }, stopping);
            }
        }
    }

    /// <summary>Feeds by when they are due.</summary>
    sealed class Lane(TimeProvider time)
    {
        readonly Lock _gate = new();
        readonly PriorityQueue<ChannelFeed, long> _due = new();
        TaskCompletionSource _sooner = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Add(ChannelFeed feed, long toldAt)
        {
            // Nothing was told yet: due since ever.
            var due = toldAt == 0 ? 0 : toldAt + (long)(Every.TotalSeconds * time.TimestampFrequency);
            lock (_gate)
            {
                var isFirst = !_due.TryPeek(out _, out var first) || due < first;
                _due.Enqueue(feed, due);
                if (isFirst)
                    _sooner.TrySetResult();
            }
        }

        /// <summary>Until a feed is due.</summary>
        public async Task WaitAsync(CancellationToken stopping)
        {
            while (true)
            {
                Task sooner;
                TimeSpan? wait = null;
                lock (_gate)
                {
                    if (_due.TryPeek(out _, out var first))
                        wait = time.GetElapsedTime(time.GetTimestamp(), first);
                    if (wait <= TimeSpan.Zero)
                        return;
                    if (_sooner.Task.IsCompleted)
                        _sooner = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    sooner = _sooner.Task;
                }
                if (wait is not { } pause)
                {
                    await sooner.WaitAsync(stopping);
                    continue;
                }
                using var enough = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                // Delays end at whole milliseconds, and not before their time.
                await Task.WhenAny(sooner, Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(pause.TotalMilliseconds)), time, enough.Token));
                await enough.CancelAsync();
                stopping.ThrowIfCancellationRequested();
            }
        }

        public bool TryTake([MaybeNullWhen(false)] out ChannelFeed feed)
        {
            lock (_gate)
            {
                if (_due.TryPeek(out feed, out var due) && due <= time.GetTimestamp())
                {
                    _due.Dequeue();
                    return true;
                }
                return false;
            }
        }
    }
}
