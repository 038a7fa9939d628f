using Realtime.Contracts;
using Realtime.Signaling.Sessions;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Chaos;

/// <summary>The negative control: with a safety taken out, the same faults that the product survives are judged as what they are.</summary>
[Trait("Tier", "EndToEnd")]
public sealed class BrokenVariantTests
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>Replicas that have just started reap nobody for a while.</summary>
    static readonly TimeSpan s_thrownOutWithin = SessionRules.OrphanedAfter + SessionRules.Lease;

    readonly History _history = new();

    [Theory]
    [InlineData(Broken.Nothing, new Anomaly[0])]
    [InlineData(Broken.Dedup, new[] { Anomaly.StoredTwice })]
    public async Task AnAnswerLostOnItsWay(Broken broken, Anomaly[] expected)
    {
        await using var replicas = new BrokenReplicas(broken);
        await replicas.InitializeAsync();
        await using var link = LinkTo(replicas, 0);
        await using var ann = await JoinAsync(replicas, "ann", link.Http, replicas.Servers[1]);
        await using var ben = await JoinAsync(replicas, "ben", replicas.Servers[1]);

        link.Fault = new LinkFault(HoldsToClient: true);
        var sent = ann.SendAsync("c", "once");
        await Eventually.TrueAsync(() => ben.PositionIn("c") == 1, s_patience);
        link.Fault = LinkFault.Closed;
        await sent.WaitAsync(s_patience);
        var last = await ann.SendAsync("c", "last").WaitAsync(s_patience);
        await Eventually.TrueAsync(() => ann.PositionIn("c") == last.Seq && ben.PositionIn("c") == last.Seq, s_patience);
        Assert.Equal(expected, Anomalies());
    }

    [Theory]
    [InlineData(Broken.Nothing, new Anomaly[0])]
    [InlineData(Broken.Tail, new[] { Anomaly.LostAcknowledged })]
    public async Task ANewsThatRedisLost(Broken broken, Anomaly[] expected)
    {
        await using var replicas = new BrokenReplicas(broken);
        await replicas.InitializeAsync();
        await using var ann = await JoinAsync(replicas, "ann", replicas.Servers[0]);
        await using var ben = await JoinAsync(replicas, "ben", replicas.Servers[1]);

        await replicas.Redis.KillAsync();
        var sent = await ann.SendAsync("c", "unheard").WaitAsync(s_patience);
        await replicas.Redis.RestartAsync();
        _history.Add(new Observation.Healed(History.Now));
        await Eventually.TrueAsync(() => ann.PositionIn("c") == sent.Seq, s_patience);
        // Nothing later is sent that would show the hole.
        // Seen or not is what is judged below.
        await Task.WhenAny(Eventually.TrueAsync(() => ben.PositionIn("c") == sent.Seq, HistoryChecker.SeenWithin));
        Assert.Equal(expected, Anomalies());
    }

    [Theory]
    [InlineData(Broken.Nothing, new Anomaly[0])]
    [InlineData(Broken.Moderation, new[] { Anomaly.Unauthorised })]
    public async Task ABanThatTheOtherReplicaMustHear(Broken broken, Anomaly[] expected)
    {
        await using var replicas = new BrokenReplicas(broken);
        await replicas.InitializeAsync();
        await using var mod = await JoinAsync(replicas, "mod", new Grants(["*"], Moderate: true), replicas.Servers[0]);
        await using var ann = await JoinAsync(replicas, "ann", replicas.Servers[0]);
        await using var ben = await JoinAsync(replicas, "ben", replicas.Servers[1]);
        // By the outbox alone.
        await replicas.Redis.KillAsync();
        await mod.BanAsync("c", "ben").WaitAsync(s_patience);
        // One message, first sent when it is too late to reach him. More would meet the limit (half of it, without Redis), and the last of them be an earlier one that was sent again.
        var late = History.Now + HistoryChecker.Ticks(HistoryChecker.OutWithin);
        await Eventually.TrueAsync(() => History.Now > late, s_patience);
        var sent = await ann.SendAsync("c", "beside").WaitAsync(s_patience);
        await Eventually.TrueAsync(() => ann.PositionIn("c") == sent.Seq, s_patience);
        // Seen or not is what is judged below.
        await Task.WhenAny(Eventually.TrueAsync(() => !ben.IsIn("c") || ben.PositionIn("c") == sent.Seq, HistoryChecker.SeenWithin));
        Assert.Equal(expected, Anomalies());
    }

    [Fact]
    public async Task AReplicaThatLostASession_LeavesItAlone()
    {
        await using var replicas = new BrokenReplicas(Broken.Nothing);
        await LoseASessionAsync(replicas, async (_, _) =>
            Assert.Equal(1L, await replicas.AskAsync<long>("select count(*) from sessions where user_id = 'ann' and lease_ends is null")));
        Assert.Empty(Anomalies());
    }

    [Fact]
    public async Task AReplicaThatLostASession_ThrowsItsUserOut_WhenNothingFencesIt()
    {
        await using var replicas = new BrokenReplicas(Broken.Fence);
        await LoseASessionAsync(replicas, async (ann, ben) =>
        {
            await Eventually.TrueAsync(() => _history.Observations.OfType<Observation.SawLeave>().Any(leave => leave.User == ann.Name), s_thrownOutWithin);
            var hub = await ben.OnlineAsync();
            var joined = await hub.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest("c"));
            _history.Add(new Observation.Listed(ben.Name, History.Now, "members", "c", joined.Members.Select(member => member.User).ToHashSet()));
        });
        Assert.Equal([Anomaly.Missing], Anomalies());
    }

    /// <summary>Ann vanishes from replica 0 without a word and goes on at replica 1; only then does replica 0 notice that she is gone.</summary>
    async Task LoseASessionAsync(BrokenReplicas replicas, Func<ChatClient, ChatClient, Task> look)
    {
        await replicas.InitializeAsync();
        await using var link = LinkTo(replicas, 0);
        await using var ann = await JoinAsync(replicas, "ann", link.Http, replicas.Servers[1]);
        // Looks from replica 0: replica 1 knows her as its own whatever the table says.
        await using var ben = await JoinAsync(replicas, "ben", replicas.Servers[0]);
        await Eventually.TrueAsync(() => !replicas.Service<HubConnections>(0).All.Any(connection => connection.Session is { NeedsSave: true }), s_patience);
        link.LoseClients();
        await Eventually.TrueAsync(() => ann is { IsOnline: true, Connections: 2 }, s_patience);
        Assert.Equal(1, ann.Resumptions);
        link.Fault = LinkFault.Closed;
        await Eventually.TrueAsync(() => replicas.Service<HubConnections>(0).Count == 1, s_patience);
        await look(ann, ben);
    }

    IEnumerable<Anomaly> Anomalies() => HistoryChecker.Check(_history.Observations).Select(violation => violation.Anomaly).Distinct();

    static FaultProxy LinkTo(BrokenReplicas replicas, int replica) => new(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, replicas.Servers[replica].Port));

    Task<ChatClient> JoinAsync(BrokenReplicas replicas, string user, params Uri[] servers) => JoinAsync(replicas, user, null, servers);

    async Task<ChatClient> JoinAsync(BrokenReplicas replicas, string user, Grants? grants, params Uri[] servers)
    {
        var client = new ChatClient(new ChatClientOptions(user, servers, replicas.Token(user, grants)) { History = _history, FirstPause = TimeSpan.FromMilliseconds(20) });
        await client.JoinAsync("c").WaitAsync(s_patience);
        return client;
    }
}
