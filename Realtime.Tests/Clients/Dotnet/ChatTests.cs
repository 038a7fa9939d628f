using System.Net;
using Realtime.Client;
using Realtime.Client.Channels;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Clients.Dotnet;

/// <summary>The client against the contract's chat in memory, with faults.</summary>
public sealed class ChatTests : IAsyncLifetime
{
    const string Lobby = "lobby";
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    readonly List<IAsyncDisposable> _opened = [];
    StubHub _hub = null!;

    public async ValueTask InitializeAsync() => _opened.Add(_hub = await StubHub.StartAsync());

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_opened))
            await one.DisposeAsync();
    }

    [Fact]
    public async Task What_one_says_the_others_read_in_order()
    {
        var (ann, bob) = (await ConnectAsync("ann"), await ConnectAsync("bob", replica: 1));
        var reading = ReadAsync(bob, 20);
        await JoinedAsync(bob);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ann.Channel(Lobby).SendAsync($"{i}"))).WaitAsync(s_patience);
        var read = await reading;
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"{i}"), read.Select(static message => message.Text));
        Assert.Equal("ann", read[0].Author);
        Assert.Equal(20, bob.Channel(Lobby).Position);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lost_connections_lose_and_double_nothing(bool sessionsAreForgotten)
    {
        _hub.State.ForgetSessions = sessionsAreForgotten;
        await using var line = new FaultProxy(new IPEndPoint(IPAddress.Loopback, _hub.Servers[0].Port));
        var (ann, bob) = (await ConnectAsync("ann", line.Http), await ConnectAsync("bob", line.Http));
        var reading = ReadAsync(bob, 60);
        await JoinedAsync(bob);
        for (var round = 0; round < 6; round++)
        {
            var sending = Enumerable.Range(0, 10).Select(i => ann.Channel(Lobby).SendAsync($"{round}.{i}")).ToList();
            line.Reset();
            await Task.WhenAll(sending).WaitAsync(s_patience);
        }
        var read = await reading;
        Assert.Equal(Enumerable.Range(0, 60).Select(static i => $"{i / 10}.{i % 10}"), read.Select(static message => message.Text));
        Assert.Equal(Enumerable.Range(1, 60).Select(static i => (long)i), read.Select(static message => message.Seq));
    }

    [Fact]
    public async Task An_answer_that_is_lost_stores_nothing_twice()
    {
        var ann = await ConnectAsync("ann");
        _hub.State.LoseAnswers(3);
        var sent = await ann.Channel(Lobby).SendAsync("once").WaitAsync(s_patience);
        Assert.Equal((1, true), (sent.Seq, sent.Duplicate));
        Assert.Equal(["once"], (await ann.Channel(Lobby).HistoryAsync()).Select(static message => message.Text));
    }

    [Fact]
    public async Task A_refusal_for_now_is_waited_out_and_one_for_good_is_told()
    {
        var ann = await ConnectAsync("ann");
        _hub.State.BeBusy(3);
        Assert.Equal(1, (await ann.Channel(Lobby).SendAsync("patience").WaitAsync(s_patience)).Seq);
        var refused = await Assert.ThrowsAsync<RealtimeException>(() => ann.Channel(Lobby).SendAsync("refuse"));
        Assert.Equal((ErrorCode.Invalid, "text", false), (refused.Code, refused.Field, refused.IsRetryable));
        Assert.Equal(2, (await ann.Channel(Lobby).SendAsync("next")).Seq);
    }

    [Fact]
    public async Task A_hole_is_filled_from_history()
    {
        var (ann, bob) = (await ConnectAsync("ann"), await ConnectAsync("bob"));
        _hub.State.Swallow = 2;
        var reading = ReadAsync(bob, 3);
        await JoinedAsync(bob);
        foreach (var text in new[] { "a", "b", "c" })
            await ann.Channel(Lobby).SendAsync(text);
        Assert.Equal(["a", "b", "c"], (await reading).Select(static message => message.Text));
    }

    [Fact]
    public async Task A_slow_reader_loses_nothing_and_holds_nobody_up()
    {
        const int messages = ChannelReaders.MaxWaiting + 600;
        var (ann, bob) = (await ConnectAsync("ann"), await ConnectAsync("bob"));
        await bob.Channel(Lobby).JoinAsync();
        await using var slow = bob.Channel(Lobby).Events.GetAsyncEnumerator();
        // It reads from here on, and then not for a long time.
        var first = slow.MoveNextAsync();
        await ann.Channel(Lobby).SendAsync("0");
        Assert.True(await first.AsTask().WaitAsync(s_patience));
        var quick = ReadAsync(bob, messages - 1);
        for (var next = 1; next < messages; next += 200)
            await Task.WhenAll(Enumerable.Range(next, Math.Min(200, messages - next)).Select(i => ann.Channel(Lobby).SendAsync($"{i}"))).WaitAsync(s_patience);
        await quick;

        var skipped = 0;
        var last = 1L;
        while (last < messages && await slow.MoveNextAsync().AsTask().WaitAsync(s_patience))
        {
            if (slow.Current is EventsSkipped { MessagesToo: false })
                skipped++;
            else if (slow.Current is MessageCreated { Message: { } message })
                Assert.Equal(++last, message.Seq);
        }
        Assert.Equal(1, skipped);
    }

    [Fact]
    public async Task A_restarted_service_goes_on_where_it_was()
    {
        var ann = await ConnectAsync("ann");
        foreach (var text in new[] { "a", "b", "c", "d" })
            await ann.Channel(Lobby).SendAsync(text);
        var service = await ConnectAsync("service");
        var read = new List<string>();
        await foreach (var next in service.Channel(Lobby).ReadAsync(after: 2))
        {
            if (next is MessageCreated { Message: { } message })
                read.Add(message.Text);
            if (read.Count == 2)
                break;
        }
        Assert.Equal(["c", "d"], read);
    }

    [Fact]
    public async Task The_outbox_is_bounded_and_giving_up_is_possible()
    {
        await using var line = new FaultProxy(new IPEndPoint(IPAddress.Loopback, _hub.Servers[0].Port));
        var ann = await ConnectAsync("ann", line.Http);
        line.Fault = LinkFault.Closed;
        using var patience = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, Outbox.Capacity).Select(i => ann.Channel(Lobby).SendAsync($"{i}", patience.Token)).ToList();
        var full = await Assert.ThrowsAsync<RealtimeException>(() => ann.Channel(Lobby).SendAsync("one too many"));
        Assert.Equal((ErrorCode.Unavailable, "outbox"), (full.Code, full.Field));
        await patience.CancelAsync();
        foreach (var one in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        line.Fault = LinkFault.None;
        await ann.Channel(Lobby).SendAsync("room again").WaitAsync(s_patience);
    }

    [Fact]
    public async Task Everything_ends_with_the_client()
    {
        var ann = await ConnectAsync("ann");
        var reading = ReadAsync(ann, int.MaxValue);
        await JoinedAsync(ann);
        await ann.DisposeAsync();
        Assert.Empty(await reading.WaitAsync(s_patience));
        await Assert.ThrowsAsync<RealtimeException>(() => ann.SendDirectAsync("bob", "too late"));
    }

    [Fact]
    public async Task Who_cannot_be_reached_is_said_in_time()
    {
        var nobody = new Uri($"http://127.0.0.1:{FreePort.Tcp()}");
        var failure = await Assert.ThrowsAsync<RealtimeException>(() => RealtimeClient.ConnectAsync(new(nobody) { Token = "ann", ConnectTimeout = TimeSpan.FromMilliseconds(300) }));
        Assert.Equal(ErrorCode.Unavailable, failure.Code);
    }

    async Task<RealtimeClient> ConnectAsync(string user, Uri? server = null, int replica = 0)
    {
        var client = await RealtimeClient.ConnectAsync(new(server ?? _hub.Servers[replica]) { Token = user, FirstPause = TimeSpan.FromMilliseconds(20), MaxPause = TimeSpan.FromMilliseconds(100) });
        _opened.Add(client);
        return client;
    }

    static Task JoinedAsync(RealtimeClient client) => Eventually.TrueAsync(() => client.Channel(Lobby).IsJoined, s_patience);

    static async Task<List<Message>> ReadAsync(RealtimeClient client, int count)
    {
        using var timeout = new CancellationTokenSource(s_patience);
        var read = new List<Message>();
        await foreach (var message in client.Channel(Lobby).Messages.WithCancellation(timeout.Token))
        {
            read.Add(message);
            if (read.Count == count)
                break;
        }
        return read;
    }
}
