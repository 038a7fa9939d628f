using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Realtime.Tests.CrashSafety;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Fanout;

/// <summary>A busy channel gathers; nothing is lost, doubled or out of order over it.</summary>
public sealed class FeedBeatTests : IFeedRepair
{
    readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1 << 20, useSynchronizationContext: false));

    void IFeedRepair.Fill(ChannelFeed feed) => Assert.Fail("Nothing is missing here.");

    static ChannelEvent Event(long seq) => HubFrames.MessageCreated(new Message("general", 1, seq, $"id{seq}", "ann", "Ann", "text", DateTimeOffset.UnixEpoch, $"c{seq}"));

    [Fact]
    public async Task What_comes_within_a_beat_goes_in_one_write()
    {
        await using var kit = new Kit();
        using var beat = new FeedBeat(kit.Supervisor);
        await using var loops = new LaneLoops();
        await beat.StartAsync(default);
        var feed = new ChannelFeed("general", this, null!) { Beat = beat };
        feed.Load(new ChannelHead(1, 0, 1), []);
        var output = new CountingWriter(_pipe.Writer);
        var lanes = new ConnectionLanes(output, kit.Time, loops.Start);
        var readers = Enumerable.Range(0, FeedBeat.ManyReaders).Select(i => feed.Subscribe(i == 0 ? lanes : new ConnectionLanes(new Pipe().Writer, kit.Time, static _ => true), 0)).ToList();
        lanes.Begin(readers[0]);
        await Eventually.TrueAsync(() => readers[0].Live);

        // Nothing was told yet: at once, though not by us.
        feed.Offer([Event(1)]);
        await Eventually.TrueAsync(() => readers[0].Position == 1);
        var flushes = output.Flushes;
        for (var seq = 2; seq <= 5; seq++)
            feed.Offer([Event(seq)]);
        feed.TellLatest("typing:ann", HubFrames.Encode(HubEvent.Typing, 1));
        feed.TellLatest("typing:ann", HubFrames.Encode(HubEvent.Typing, 2));
        feed.TellLatest("typing:bob", HubFrames.Encode(HubEvent.Typing, 3));
        Assert.Equal(1, readers[0].Position);
        await kit.Time.WaitForTimerAsync(FeedBeat.Every);
        kit.Time.Advance(FeedBeat.Every);
        await Eventually.TrueAsync(() => output.Flushes == flushes + 2);
        Assert.Equal(5, readers[0].Position);
        // Whoever brings more than may wait tells it.
        for (var seq = 6; seq < 6 + FeedBeat.MaxGathered; seq++)
            feed.Offer([Event(seq)]);
        Assert.Equal(5 + FeedBeat.MaxGathered, readers[0].Position);
        Assert.Equal(flushes + 3, output.Flushes);

        var read = await _pipe.Reader.ReadAsync();
        var told = ServerFrames.All(read.Buffer.ToArray()).Select(static frame => JsonDocument.Parse(frame.Payload.AsMemory(0, frame.Payload.Length - 1)).RootElement.GetProperty("arguments")[0]);
        Assert.Equal(
            [.. Enumerable.Range(1, 5).Select(static seq => $"id{seq}"), "2", "3", .. Enumerable.Range(6, FeedBeat.MaxGathered).Select(static seq => $"id{seq}")],
            told.Select(static one => one.ValueKind == JsonValueKind.Number ? one.ToString() : one.GetProperty("id").GetString()!));
        await beat.StopAsync(default);
    }

    [Fact]
    public async Task Members_who_come_while_others_are_told_are_told_once()
    {
        await using var kit = new Kit();
        using var beat = new FeedBeat(kit.Supervisor);
        var feed = new ChannelFeed("general", this, null!) { Beat = beat };
        feed.Load(new ChannelHead(1, 0, 1), []);
        var early = feed.Subscribe(new ConnectionLanes(_pipe.Writer, kit.Time, static _ => true), 0);
        var others = Enumerable.Range(1, FeedBeat.ManyReaders).Select(_ => feed.Subscribe(new ConnectionLanes(new Pipe().Writer, kit.Time, static _ => true), 0)).ToList();
        feed.MembersFor(early);
        feed.FollowMembers(early);
        feed.ChangeMembers(static view => view.Join("s1", new ChannelMember("ann", "Ann")));
        // Comes while the news of Ann waits for the beat, and has Ann in its list.
        var late = new Pipe();
        var reader = feed.Subscribe(new ConnectionLanes(late.Writer, kit.Time, static _ => true), 0);
        Assert.Equal(["ann"], feed.MembersFor(reader).Select(static member => member.User));
        feed.ChangeMembers(static view => view.Join("s2", new ChannelMember("bob", "Bob")));
        feed.FollowMembers(reader);
        feed.ChangeMembers(static view => view.Join("s3", new ChannelMember("cid", "Cid")));
        feed.DeliverDue();
        Assert.Equal(["ann", "bob", "cid"], await UsersAsync(_pipe.Reader));
        Assert.Equal(["bob", "cid"], await UsersAsync(late.Reader));
        Assert.Equal(FeedBeat.ManyReaders + 2, feed.Readers);
        Assert.NotEmpty(others);
    }

    static async Task<IEnumerable<string>> UsersAsync(PipeReader reader) =>
        [.. ServerFrames.All((await reader.ReadAsync()).Buffer.ToArray()).Select(static frame =>
            JsonDocument.Parse(frame.Payload.AsMemory(0, frame.Payload.Length - 1)).RootElement.GetProperty("arguments")[0].GetProperty("user").GetString()!)];
}

/// <summary>Counts what would be system calls.</summary>
sealed class CountingWriter(PipeWriter inner) : PipeWriter
{
    int _flushes;

    public int Flushes => Volatile.Read(ref _flushes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _flushes);
        return inner.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
