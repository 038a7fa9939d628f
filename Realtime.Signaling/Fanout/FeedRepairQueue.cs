
namespace Realtime.Signaling.Fanout;

/// <summary>
/// The channels that have something to be read: events that are missing, or members that changed. A channel waits here once, however often it is asked for, so the size is
/// bounded by the channels known.
/// </summary>
public sealed class FeedRepairQueue : IFeedRepair, IDisposable
{
    readonly Lock _gate = new();
    readonly SemaphoreSlim _wake = new(0);
    HashSet<ChannelFeed> _fill = [];
    HashSet<ChannelFeed> _members = [];

    public void Fill(ChannelFeed feed) => Add(() => _fill.Add(feed));

    public void Members(ChannelFeed feed) => Add(() => _members.Add(feed));

    /// <summary>Waits until there is something, then takes all of it.</summary>
    public async Task<(IReadOnlyCollection<ChannelFeed> Fill, IReadOnlyCollection<ChannelFeed> Members)> TakeAsync(TimeSpan gather, TimeProvider time, CancellationToken cancellation)
    {
        await _wake.WaitAsync(cancellation);
        // What looks like a gap is mostly two events that overtook each other: give the first a moment.
        await Task.Delay(gather, time, cancellation);
        lock (_gate)
        {
            var taken = (_fill, _members);
            (_fill, _members) = ([], []);
            while (_wake.CurrentCount > 0 && _wake.Wait(0, CancellationToken.None))
            {
                // Everything these were for has been taken.
            }
            return taken;
        }
    }

    void Add(Func<bool> add)
    {
        lock (_gate)
        {
            if (add() && _wake.CurrentCount == 0)
                _wake.Release();
        }
    }

    public void Dispose() => _wake.Dispose();
}
