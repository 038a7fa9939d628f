using Realtime.Contracts;
using Xunit;

namespace Realtime.Tests.Harness;

/// <summary>The clients of the harness against a hub in this process.</summary>
public sealed class ChatClientTests
{
    static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    readonly History _history = new();

    [Fact]
    public async Task TwoClientsOnTwoReplicasSeeOneOrder()
    {
        await using var stub = await StubHub.StartAsync();
        await using var ann = await JoinAsync(stub, "ann", 0);
        await using var ben = await JoinAsync(stub, "ben", 1);
        await Task.WhenAll(Enumerable.Range(0, 50).SelectMany(i => new[] { ann.SendAsync("c", $"a{i}"), ben.SendAsync("c", $"b{i}") })).WaitAsync(s_timeout);
        await SettleAsync(100, ann, ben);
        Assert.Empty(HistoryChecker.Check(_history.Observations));
        Assert.NotEqual(ann.Server, ben.Server);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ACutClientMissesAndRepeatsNothing(bool sessionLost)
    {
        await using var stub = await StubHub.StartAsync();
        stub.State.ForgetSessions = sessionLost;
        await using var ann = await JoinAsync(stub, "ann", 0);
        await using var ben = await JoinAsync(stub, "ben", 1);
        for (var round = 0; round < 5; round++)
        {
            var sends = Enumerable.Range(0, 40).Select(i => ann.SendAsync("c", $"{round}.{i}")).ToList();
            ben.Cut();
            ann.Cut();
            await Task.WhenAll(sends).WaitAsync(s_timeout);
        }
        await SettleAsync(200, ann, ben);
        Assert.Empty(HistoryChecker.Check(_history.Observations));
        Assert.True(ben.Connections > 1);
        Assert.Equal(sessionLost, ben.Resumptions == 0);
    }

    [Fact]
    public async Task AnUnansweredMessageIsSentAgainUnderTheSameId()
    {
        await using var stub = await StubHub.StartAsync();
        await using var ann = await JoinAsync(stub, "ann", 0);
        stub.State.LoseAnswers(1);
        var result = await ann.SendAsync("c", "once").WaitAsync(s_timeout);
        Assert.True(result.Duplicate);
        stub.State.BeBusy(3);
        Assert.Equal(2, (await ann.SendAsync("c", "later").WaitAsync(s_timeout)).Seq);
        await SettleAsync(2, ann);
        Assert.Empty(HistoryChecker.Check(_history.Observations));
    }

    [Fact]
    public async Task ARefusalIsReportedWithItsCode()
    {
        await using var stub = await StubHub.StartAsync();
        await using var ann = await JoinAsync(stub, "ann", 0);
        var refusal = await Assert.ThrowsAsync<HubCallException>(() => ann.SendAsync("c", "refuse").WaitAsync(s_timeout));
        Assert.Equal(new RealtimeError(ErrorCode.Invalid, "Refused on purpose.", "text"), refusal.Error);
        Assert.Single(_history.Observations.OfType<Observation.Refused>());
        await ann.SendAsync("c", "fine").WaitAsync(s_timeout);
    }

    [Fact]
    public async Task AFaultyServerIsFoundOut()
    {
        await using var stub = await StubHub.StartAsync();
        stub.State.IgnoreClientMessageId = true;
        stub.State.Swallow = 4;
        stub.State.Repeat = 6;
        await using var ann = await JoinAsync(stub, "ann", 0);
        await using var ben = await JoinAsync(stub, "ben", 1);
        stub.State.LoseAnswers(1);
        for (var i = 0; i < 6; i++)
            await ann.SendAsync("c", $"{i}").WaitAsync(s_timeout);
        await SettleAsync(7, ben);
        var anomalies = HistoryChecker.Check([.. _history.Observations.Where(o => o.Client == "ben" || o is Observation.Invoked or Observation.Acknowledged)])
            .Select(violation => violation.Anomaly).Distinct().Order();
        Assert.Equal([Anomaly.LostAcknowledged, Anomaly.Duplicate, Anomaly.Gap, Anomaly.StoredTwice], anomalies);
    }

    async Task<ChatClient> JoinAsync(StubHub stub, string name, int server)
    {
        var client = new ChatClient(new ChatClientOptions(name, stub.Servers, name) { History = _history, FirstServer = server, Seed = server, FirstPause = TimeSpan.FromMilliseconds(10) });
        await client.JoinAsync("c").WaitAsync(s_timeout);
        return client;
    }

    static async Task SettleAsync(long seq, params ChatClient[] clients)
    {
        foreach (var client in clients)
            await Eventually.TrueAsync(() => client.PositionIn("c") >= seq);
    }
}
