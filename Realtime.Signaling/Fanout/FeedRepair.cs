using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Fanout;

/// <summary>Reads what feeds are missing, several side by side. While the database is away it keeps what was asked for and asks again.</summary>
public sealed class FeedRepair(FeedRepairQueue queue, ChannelFeeds feeds, Supervisor supervisor) : SupervisedService(supervisor, "fanout.repair")
{
    static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Reads at once: a fraction of the pool, so that senders are not held up.</summary>
    const int Parallel = 4;

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (true)
        {
            var (fill, members) = await queue.TakeAsync(Gather, Time, stopping);
            var failed = 0;
            foreach (var chunk in fill.Select(feed => (Feed: feed, Members: false)).Concat(members.Select(feed => (Feed: feed, Members: true))).Chunk(Parallel))
            {
                var done = await Task.WhenAll(chunk.Select(one => RepairAsync(one.Feed, one.Members, stopping)));
                failed += done.Count(static one => !one);
            }
            if (failed > 0)
                await Task.Delay(RetryEvery, Time, stopping);
        }
    }

    async Task<bool> RepairAsync(ChannelFeed feed, bool members, CancellationToken stopping)
    {
        var done = false;
        await RunItemAsync(members ? "members" : "fill", async token =>
        {
            try
            {
                await (members ? feeds.RefreshMembersAsync(feed, token) : feeds.FillAsync(feed, token));
                done = true;
            }
            catch (RealtimeException)
            {
                ActionLog.RecordVerbose(Name, "away");
            }
        }, stopping);
        // Whatever went wrong: perhaps nothing later comes that would show the hole.
        if (done)
            return true;
        if (members)
            queue.Members(feed);
        else
            queue.Fill(feed);
        return false;
    }
}
