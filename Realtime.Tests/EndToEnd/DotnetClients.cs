using System.Collections.Concurrent;
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
        await using var told = his.Events.GetAsyncEnumerator();
        var created = NextAsync<MessageCreated>(told);
        await Eventually.TrueAsync(() => his.IsJoined, Patience);
        var sent = await hers.SendAsync("frist").WaitAsync(Patience);
        Assert.Equal("frist", (await created).Message.Text);
        await hers.EditAsync(sent.Id, "first");
        await hers.DeleteAsync(sent.Id);
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
        Assert.All(received, static count => Assert.Equal(2 * frames, count));
        Assert.Equal([ann.User, bob.User], his.Participants.Select(static one => one.User).Order());
        Assert.True(his.Participants.Single(one => one.User == ann.User).Metadata?.GetProperty("hand").GetBoolean());
    }

    [Fact]
    public async Task WhereUdpDoesNotGetThroughMediaGoesOverTcp()
    {
        const int frames = 20;
        var name = $"room-{Guid.NewGuid():N}";
        await using var ann = await ConnectAsync("ann", useUdp: false);
        await using var bob = await ConnectAsync("bob");
        await using var hers = await ann.JoinRoomAsync(name);
        await using var his = await bob.JoinRoomAsync(name);
        using var patience = new CancellationTokenSource(Patience);
        var received = await Task.WhenAll(ExchangeAsync(hers, his, frames, seed: 1, patience.Token), ExchangeAsync(his, hers, frames, seed: 2, patience.Token));
        Assert.All(received, static count => Assert.Equal(2 * frames, count));
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
        // The word and the end of the transport race to the node: either is the reason.
        while (await next && events.Current is not ParticipantLeft)
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

    async Task<RealtimeClient> ConnectAsync(string name, Uri? server = null, bool useUdp = true)
    {
        var user = $"{name}-{ChannelName[5..13]}";
        return await RealtimeClient.ConnectAsync(new(server ?? App.SignalingFront)
        {
            Token = RealtimeToken.From(_ => App.TokenAsync(user)),
            SourceAddress = server is null ? NextAddress() : null,
            FirstPause = TimeSpan.FromMilliseconds(50),
            UseUdp = useUdp,
            OnFault = fault => TestContext.Current.TestOutputHelper?.WriteLine($"{user}: {fault}"),
        });
    }

    /// <summary>One writes, the other reads so many frames of each of both tracks, and each is what was written.</summary>
    static async Task<int> ExchangeAsync(Room from, Room to, int frames, int seed, CancellationToken cancellation)
    {
        var written = new ConcurrentDictionary<(MediaKind, int), EncodedFrame>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = WriteAsync(await from.PublishAudioAsync(cancellation: cancellation), await from.PublishVideoAsync(cancellation: cancellation), written, new Random(seed), enough.Token);
        var reading = new List<Task<int>>();
        await foreach (var track in to.Tracks.WithCancellation(cancellation))
        {
            reading.Add(CompareAsync(track, written, frames, cancellation));
            if (reading.Count == 2)
                break;
        }
        var read = await Task.WhenAll(reading);
        await enough.CancelAsync();
        await writing;
        return read.Sum();
    }

    /// <summary>As a microphone and a camera would, with a key frame whenever somebody needs one.</summary>
    static async Task WriteAsync(LocalTrack mic, LocalTrack camera, ConcurrentDictionary<(MediaKind, int), EncodedFrame> written, Random random, CancellationToken until)
    {
        var isKeyFrameWanted = 1;
        camera.KeyFrameRequested += () => Volatile.Write(ref isKeyFrameWanted, 1);
        using var timer = new PeriodicTimer(TestFrames.AudioEvery);
        try
        {
            for (var i = 0; await timer.WaitForNextTickAsync(until); i++)
            {
                var audio = written[(MediaKind.Audio, i)] = TestFrames.Opus(random, i);
                await mic.WriteAsync(audio.Data, audio.Timestamp, level: 20);
                if (i % 2 != 0)
                    continue;
                var video = written[(MediaKind.Video, i / 2)] = TestFrames.Vp8(random, i / 2, isKeyFrame: Interlocked.Exchange(ref isKeyFrameWanted, 0) == 1);
                await camera.WriteAsync(video.Data, video.Timestamp);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough was read.
            return;
        }
    }

    /// <summary>Every frame is one that was written, byte by byte, later than the one before, at the same time after the first; pictures begin with a key frame and have no hole before the next one.</summary>
    static async Task<int> CompareAsync(RemoteTrack track, ConcurrentDictionary<(MediaKind, int), EncodedFrame> written, int frames, CancellationToken cancellation)
    {
        var (read, last) = (0, -1);
        var shift = default(TimeSpan?);
        await foreach (var frame in track.Frames.WithCancellation(cancellation))
        {
            var number = TestFrames.NumberOf(track.Kind, frame);
            var source = written[(track.Kind, number)];
            Assert.Equal(source.Data.ToArray(), frame.Data.ToArray());
            Assert.Equal(source.IsKeyFrame, frame.IsKeyFrame);
            Assert.True(read == 0 ? frame.IsKeyFrame : number == last + 1 || (number > last && frame.IsKeyFrame), $"{track.Kind} {last} and then {number}");
            shift ??= frame.Timestamp - source.Timestamp;
            Assert.InRange((frame.Timestamp - source.Timestamp - shift.Value).TotalMilliseconds, -0.1, 0.1);
            last = number;
            if (++read == frames)
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
