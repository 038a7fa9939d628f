using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Gathers what a busy channel has to tell. Handing one event to one reader costs a write to its socket, however small the event is; several events in one write cost as much.
/// So a channel that many read is told at once when it has been quiet, and once per <see cref="Every"/> while it is not. Several loops, so that one big channel holds up only
/// its share of the others.
/// </summary>
public sealed class FeedBeat : SupervisedService
{
    /// <summary>What a busy channel's event waits at most: a fifth of what people notice.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);

    /// <summary>Below, writing at once costs little.</summary>
    public const int ManyReaders = 16;

    /// <summary>Events that wait for a beat; the next one takes them along.</summary>
    public const int MaxGathered = 256;

    readonly Lane[] _lanes = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(static _ => new Lane())];

    public FeedBeat(Supervisor supervisor) : base(supervisor, "fanout.beat")
    {
    }

    /// <summary>The feed is called back (<see cref="ChannelFeed.DeliverDue"/>) at the next beat. Each feed asks once until then, so the feeds known bound what waits here.</summary>
    internal void Later(ChannelFeed feed) => _lanes[(int)((uint)feed.Channel.GetHashCode(StringComparison.Ordinal) % _lanes.Length)].Add(feed);

    internal TimeProvider Clock => Time;

    protected override Task RunLoopAsync(CancellationToken stopping) => Task.WhenAll(_lanes.Select(lane => RunLaneAsync(lane, stopping)));

    async Task RunLaneAsync(Lane lane, CancellationToken stopping)
    {
        while (true)
        {
            await lane.WaitAsync(stopping);
            await Task.Delay(Every, Time, stopping);
            foreach (var feed in lane.Take())
            {
                await RunItemAsync("deliver", _ =>
                {
                    feed.DeliverDue();
                    return Task.CompletedTask;
                }, stopping);
            }
        }
    }

    public override void Dispose()
    {
        foreach (var lane in _lanes)
            lane.Dispose();
        base.Dispose();
    }

    sealed class Lane : IDisposable
    {
        readonly Lock _gate = new();
        readonly SemaphoreSlim _wake = new(0);
        List<ChannelFeed> _due = [];

        public void Add(ChannelFeed feed)
        {
            lock (_gate)
            {
                _due.Add(feed);
                if (_due.Count == 1)
                    _wake.Release();
            }
        }

        public Task WaitAsync(CancellationToken stopping) => _wake.WaitAsync(stopping);

        public List<ChannelFeed> Take()
        {
            lock (_gate)
            {
                var due = _due;
                _due = [];
                return due;
            }
        }

        public void Dispose() => _wake.Dispose();
    }
}
