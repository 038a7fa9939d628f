using Realtime.Contracts;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

public sealed class ChatAcrossReplicas(RunningApp app) : EndToEndTest(app)
{
    [Fact]
    public async Task TwoReplicas_OneOrder()
    {
        var clients = new[] { await JoinAsync("ann", 0), await JoinAsync("ben", 1), await JoinAsync("cid", 0), await JoinAsync("dan", 1) };
        await Task.WhenAll(clients.SelectMany(client => Enumerable.Range(0, 10).Select(i => client.SendAsync(ChannelName, $"{client.Name} {i}")))).WaitAsync(Patience);
        await SettleAsync(clients);
        Assert.Equal(2, clients.Select(client => client.Server).Distinct().Count());
        // Everybody saw the same 41, and the sequence has no hole.
        foreach (var client in clients)
        {
            var seen = History.Observations.OfType<Observation.Received>().Where(received => received.Client == client.Name).Select(received => received.Seq);
            Assert.Equal(Enumerable.Range(1, 41).Select(seq => (long)seq), seen);
        }
    }

    [Fact]
    public async Task ACutClientResumesWhereItWas()
    {
        var ann = await JoinAsync("ann", 0);
        var ben = await JoinAsync("ben", 1);
        for (var round = 0; round < 3; round++)
        {
            ben.Cut();
            await Task.WhenAll(Enumerable.Range(0, 5).Select(i => ann.SendAsync(ChannelName, $"{round}.{i}"))).WaitAsync(Patience);
            await Eventually.TrueAsync(() => ben.Resumptions == round + 1 && ben.IsOnline, Patience);
        }
        await SettleAsync([ann, ben]);
        Assert.Empty(History.Observations.OfType<Observation.SawLeave>());
    }

    [Fact]
    public async Task ARetryUnderTheSameIdIsStoredOnce()
    {
        var ann = await JoinAsync("ann", 0);
        var ben = await JoinAsync("ben", 1);
        var request = new SendMessageRequest(ChannelName, Guid.CreateVersion7().ToString(), "once");
        History.Add(new Observation.Invoked(ann.Name, History.Now, ChannelName, request.ClientMessageId!, "once"));
        var hub = await ann.OnlineAsync();
        var first = await hub.InvokeAsync<SendMessageResult>("SendMessage", request);
        var again = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => hub.InvokeAsync<SendMessageResult>("SendMessage", request)));
        Assert.All(again, retry => Assert.Equal((first.Id, first.Seq, true), (retry.Id, retry.Seq, retry.Duplicate)));
        await SettleAsync([ann, ben]);
    }

    [Fact]
    public async Task WhoIsNotGrantedAChannelIsRefused()
    {
        var token = await App.TokenAsync("eve", new Grants(["other-*"]));
        await using var hub = await HubClient.ConnectAsync(new HubClientOptions(App.Signaling[0], token));
        await hub.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        var refusal = await Assert.ThrowsAsync<HubCallException>(() => hub.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(ChannelName)));
        Assert.Equal(ErrorCode.Forbidden, refusal.Error.Code);
        await Assert.ThrowsAsync<HubConnectionException>(() => HubClient.ConnectAsync(new HubClientOptions(App.Signaling[0], token + "x")));
    }
}
