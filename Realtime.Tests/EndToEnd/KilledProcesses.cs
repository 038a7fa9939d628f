using System.Diagnostics;
using Realtime.Media.Transport;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>kill -9 of a replica, of Redis, of Postgres, while people chat at production's limits.</summary>
public sealed class KilledProcesses(RunningApp app) : EndToEndTest(app)
{
    const int People = 50;

    [Fact]
    public async Task AReplica_FiftyClientsGoOnWithTheOther()
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, People).Select(i => JoinAsync($"p{i:d2}", i % 2)));
        using var stop = new CancellationTokenSource();
        var chatting = ChatAsync(clients, stop.Token);
        await Eventually.TrueAsync(() => Acknowledged > People, Patience);
        // Two of them in a call as well, one on each replica.
        await using var ann = await LivePeer.JoinAsync(clients[0], ChannelName, 1);
        await using var ben = await LivePeer.JoinAsync(clients[1], ChannelName, 1);
        await Eventually.TrueAsync(() => ann.ReceivesAll && ben.ReceivesAll, Patience);

        var victim = App.Signaling[0];
        var pid = App.Pid("signaling-0");
        var lost = clients.Where(client => client.Server == victim).ToList();
        Assert.NotEmpty(lost);
        var before = lost.Select(client => client.Connections).ToList();
        var mark = MonotonicClock.Now;
        var clock = Stopwatch.StartNew();
        await App.KillAsync("signaling-0");
        await Eventually.TrueAsync(() => lost.Zip(before).All(pair => pair.First.Connections > pair.Second && pair.First.IsOnline), Patience);
        Timing.Claim($"from the kill to all {lost.Count} clients back on the other replica", clock.Elapsed, TimeSpan.FromSeconds(5));

        var sofar = Acknowledged;
        await Eventually.TrueAsync(() => Acknowledged > sofar + People, Patience);
        await stop.CancelAsync();
        await chatting.WaitAsync(Patience);
        await SettleAsync(clients);
        Assert.All(lost, client => Assert.True(client.Resumptions > 0));
        Assert.Empty(History.Observations.OfType<Observation.SawLeave>());
        await App.RecoveredAsync("signaling-0", pid);
        Assert.True(ann.IsContinuous && ben.IsContinuous, "the call lost no packet");
        foreach (var peer in new[] { ann, ben })
            Timing.Claim("the longest pause of a call's media over the kill and the restart", peer.LongestPauseSince(mark), TimeSpan.FromMilliseconds(100));
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task ADependency_TheAppSurvivesAndLosesNothing(string dependency)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => JoinAsync($"p{i}", i % 2)));
        var replicas = new[] { App.Pid("signaling-0"), App.Pid("signaling-1") };
        using var stop = new CancellationTokenSource();
        var chatting = ChatAsync(clients, stop.Token);
        await Eventually.TrueAsync(() => Acknowledged > clients.Length, Patience);

        var pid = App.Pid(dependency);
        await App.KillAsync(dependency);
        await App.RecoveredAsync(dependency, pid);

        var sofar = Acknowledged;
        await Eventually.TrueAsync(() => Acknowledged > sofar + (2 * clients.Length), Patience);
        await stop.CancelAsync();
        await chatting.WaitAsync(Patience);
        await SettleAsync(clients);
        Assert.Equal(replicas, new[] { App.Pid("signaling-0"), App.Pid("signaling-1") });
        // Not even a connection was lost over it.
        Assert.All(clients, client => Assert.Equal(1, client.Connections));
    }
}
