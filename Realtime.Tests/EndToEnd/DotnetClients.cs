using System.Net;
using Realtime.Client;
using Realtime.Client.Channels;
using Realtime.Client.Media;
using Realtime.Client.Rooms;
using Realtime.Contracts;
using Realtime.Tests.Clients.Dotnet;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>The .NET client (<c>clients/dotnet</c>) as its users have it.</summary>
public sealed class DotnetClients(RunningApp app) : EndToEndTest(app)
{
    static int s_clients;

    [Fact]
    public async Task ChatGoesOnOverKilledConnections()
    {
        const int messages = 20;
        await using var line = new FaultProxy(new IPEndPoint(IPAddress.Loopback, App.SignalingFront.Port), NextAddress());
        await using var ann = await ConnectAsync("ann");
        await using var bob = await ConnectAsync("bob", line.Http);
        var session = bob.Session;
        using var patience = new CancellationTokenSource(Patience);
        var reading = ReadAsync(bob, messages + 1, patience.Token);
        await Eventually.TrueAsync(() => bob.Channel(ChannelName).IsJoined, Patience);

        for (var i = 0; i < messages; i += 5)
        {
            var sending = Enumerable.Range(i, 5).Select(n => ann.Channel(ChannelName).SendAsync($"{n}")).ToList();
            line.Reset();
            await Task.WhenAll(sending).WaitAsync(Patience);
        }
        // Written while the connection is gone: sent when there is one.
        line.Reset();
        var own = await bob.Channel(ChannelName).SendAsync("and mine").WaitAsync(Patience);
        var read = await reading;
        Assert.Equal([.. Enumerable.Range(0, messages).Select(static n => $"{n}"), "and mine"], read.Select(static message => message.Text));
        Assert.Equal(Enumerable.Range(1, messages + 1).Select(static n => (long)n), read.Select(static message => message.Seq));
        Assert.Equal((own.Seq, session), (read[^1].Seq, bob.Session));
    }

    [Fact]
    public async Task EverythingThatAChannelTellsIsTold()
    {
        await using var ann = await ConnectAsync("ann");
        await using var bob = await ConnectAsync("bob");
        var (hers, his) = (ann.Channel(ChannelName), bob.Channel(ChannelName));
        await hers.JoinAsync();
        await using var told = his.ReadAsync(after: 0).GetAsyncEnumerator();
        var sent = await hers.SendAsync("frist").WaitAsync(Patience);
        await hers.EditAsync(sent.Id, "first");
        await hers.DeleteAsync(sent.Id);
        Assert.Equal("frist", (await NextAsync<MessageCreated>(told)).Message.Text);
        Assert.Equal("first", (await NextAsync<MessageEdited>(told)).Change.Text);
        Assert.Equal(sent.Id, (await NextAsync<MessageDeleted>(told)).Change.Id);
        await hers.TypingAsync();
        Assert.Equal(ann.User, (await NextAsync<TypingChanged>(told)).Typing.User);
        await hers.MarkReadAsync(sent.Seq);
        Assert.Equal((ann.User, sent.Seq), await NextAsync<ReadMarkMoved>(told) is { Mark: var mark } ? (mark.User, mark.Seq) : default);
        await hers.LeaveAsync();
        await Eventually.TrueAsync(() => his.Members.All(member => member.User != ann.User), Patience);

        await using var directs = ann.DirectMessages.GetAsyncEnumerator();
        var next = directs.MoveNextAsync();
        var direct = await bob.SendDirectAsync(ann.User, "between us").WaitAsync(Patience);
        Assert.True(await next.AsTask().WaitAsync(Patience));
        Assert.Equal((direct.Channel, "between us"), (directs.Current.Channel, directs.Current.Text));
        await Assert.ThrowsAsync<RealtimeException>(() => bob.Channel(ChannelName).KickAsync(ann.User, "may not"));
    }

    [Fact]
    public async Task TwoInARoomExchangeFramesBitByBit()
    {
        const int frames = 100;
        var name = $"room-{Guid.NewGuid():N}";
        await using var ann = await ConnectAsync("ann");
        await using var bob = await ConnectAsync("bob");
        await using var hers = await ann.JoinRoomAsync(name, new() { Metadata = new { hand = true } });
        await using var his = await bob.JoinRoomAsync(name);
        using var patience = new CancellationTokenSource(Patience);
        var received = await Task.WhenAll(ExchangeAsync(hers, his, frames, seed: 1, patience.Token), ExchangeAsync(his, hers, frames, seed: 2, patience.Token));
        Assert.All(received, static count => Assert.Equal((frames, frames / 2), count));
        Assert.Equal([ann.User, bob.User], his.Participants.Select(static one => one.User).Order());
        Assert.True(his.Participants.Single(one => one.User == ann.User).Metadata?.GetProperty("hand").GetBoolean());
    }

    [Fact]
    public async Task WhoLeavesIsGoneAndNothingIsSentToNobody()
    {
        var name = $"room-{Guid.NewGuid():N}";
        await using var ann = await ConnectAsync("ann");
        await using var bob = await ConnectAsync("bob");
        await using var hers = await ann.JoinRoomAsync(name);
        var mic = await hers.PublishAudioAsync().WaitAsync(Patience);
        var his = await bob.JoinRoomAsync(name);
        using var patience = new CancellationTokenSource(Patience);
        var talking = TalkAsync(mic, patience.Token);
        var track = await FirstAsync(his.Tracks, patience.Token);
        Assert.Equal((mic.Id, "microphone"), (track.Id, track.Source));
        await FirstAsync(track.Frames, patience.Token);

        await using var events = hers.Events.GetAsyncEnumerator(patience.Token);
        var next = events.MoveNextAsync();
        var left = his.Participant;
        await his.LeaveAsync();
        while (await next && events.Current is not ParticipantLeft { Reason: LeaveReason.Left })
            next = events.MoveNextAsync();
        Assert.Equal(left, ((ParticipantLeft)events.Current).Participant.Participant);
        // The loops over what played have come to their end.
        await foreach (var _ in track.Frames)
            continue;
        await Eventually.TrueAsync(async () => (await App.UsersInAsync(name)).SequenceEqual([ann.User]), Patience);
        // She talks on, to nobody, and is still there.
        Assert.True(await mic.WriteAsync(TestFrames.Opus(Random.Shared, 0).Data));
        Assert.Equal(CallState.Left, his.State);
        await patience.CancelAsync();
        await talking;
    }

    async Task<RealtimeClient> ConnectAsync(string name, Uri? server = null)
    {
        var user = $"{name}-{ChannelName[5..13]}";
        return await RealtimeClient.ConnectAsync(new(server ?? App.SignalingFront)
        {
            Token = RealtimeToken.From(_ => App.TokenAsync(user)),
            SourceAddress = server is null ? NextAddress() : null,
            FirstPause = TimeSpan.FromMilliseconds(50),
            OnFault = fault => TestContext.Current.TestOutputHelper?.WriteLine($"{user}: {fault}"),
        });
    }

    /// <summary>One writes, the other reads: how many frames of audio and video arrived as they were written.</summary>
    static async Task<(int Audio, int Video)> ExchangeAsync(Room from, Room to, int frames, int seed, CancellationToken cancellation)
    {
        var random = new Random(seed);
        var audio = Enumerable.Range(0, frames).Select(i => TestFrames.Opus(random, i)).ToList();
        var video = Enumerable.Range(0, frames / 2).Select(i => TestFrames.Vp8(random, i, isKeyFrame: i == 0)).ToList();
        var (mic, camera) = (await from.PublishAudioAsync(cancellation: cancellation), await from.PublishVideoAsync(cancellation: cancellation));
        var reading = new List<Task<int>>();
        // Both directions at once: only the other's tracks.
        await foreach (var track in to.Tracks.WithCancellation(cancellation))
        {
            reading.Add(CompareAsync(track, track.Kind == MediaKind.Audio ? audio : video, cancellation));
            if (reading.Count == 2)
                break;
        }
        for (var i = 0; i < frames; i++)
        {
            Assert.True(await mic.WriteAsync(audio[i].Data, audio[i].Timestamp, level: 20));
            if (i % 2 == 0)
                Assert.True(await camera.WriteAsync(video[i / 2].Data, video[i / 2].Timestamp));
            await Task.Delay(TestFrames.AudioEvery, cancellation);
        }
        var counts = await Task.WhenAll(reading);
        return (counts.Max(), counts.Min());
    }

    static async Task<int> CompareAsync(RemoteTrack track, List<EncodedFrame> written, CancellationToken cancellation)
    {
        var read = 0;
        await foreach (var frame in track.Frames.WithCancellation(cancellation))
        {
            Assert.Equal(written[read].Data.ToArray(), frame.Data.ToArray());
            Assert.Equal((written[read].Timestamp, read == 0 || track.Kind == MediaKind.Audio), (frame.Timestamp, frame.IsKeyFrame));
            if (++read == written.Count)
                break;
        }
        return read;
    }

    static async Task TalkAsync(LocalTrack track, CancellationToken until)
    {
        using var timer = new PeriodicTimer(TestFrames.AudioEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(until))
                await track.WriteAsync(TestFrames.Opus(Random.Shared, 0).Data);
        }
        catch (OperationCanceledException)
        {
            // As asked for.
            return;
        }
    }

    async Task<List<Message>> ReadAsync(RealtimeClient client, int count, CancellationToken cancellation)
    {
        var read = new List<Message>();
        await foreach (var message in client.Channel(ChannelName).Messages.WithCancellation(cancellation))
        {
            read.Add(message);
            if (read.Count == count)
                break;
        }
        return read;
    }

    static async Task<T> NextAsync<T>(IAsyncEnumerator<ChannelEvent> told)
        where T : ChannelEvent
    {
        while (await told.MoveNextAsync().AsTask().WaitAsync(Patience))
        {
            if (told.Current is T next)
                return next;
        }
        throw new InvalidOperationException("The channel has ended.");
    }

    static async Task<T> FirstAsync<T>(IAsyncEnumerable<T> all, CancellationToken cancellation)
    {
        await foreach (var one in all.WithCancellation(cancellation))
            return one;
        throw new InvalidOperationException("There was none.");
    }

    static IPAddress NextAddress() => new([127, 9, 0, (byte)Interlocked.Increment(ref s_clients)]);
}
