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

/// <summary>The lanes over a pipe that takes little: the reader of the pipe is the client, which reads when the test says so.</summary>
public sealed class ConnectionLanesTests : IFeedRepair
{
    readonly ManualTime _time = new();
    readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 4096, resumeWriterThreshold: 2048, useSynchronizationContext: false));
    readonly ChannelFeed _feed;
    readonly ConnectionLanes _lanes;
    readonly LaneLoops _loops = new();
    readonly List<(string Target, JsonElement Argument)> _frames = [];
    bool _aborted;

    public ConnectionLanesTests()
    {
        _feed = new ChannelFeed("general", this, null!);
        _feed.Load(new ChannelHead(1, 0, 1), []);
        _lanes = new ConnectionLanes(_pipe.Writer, _time, _loops.Start) { Aborted = () => _aborted = true, Finished = () => _pipe.Writer.Complete() };
    }

    void IFeedRepair.Fill(ChannelFeed feed) => Assert.Fail("Nothing is missing here.");

    static ChannelEvent Event(long seq, int padding) => HubFrames.MessageCreated(
        new Message("general", 1, seq, $"id{seq}", "ann", "Ann", new string('x', padding), DateTimeOffset.UnixEpoch, $"c{seq}"));

    void Publish(int from, int count, int padding = 1000)
    {
        for (var seq = from; seq < from + count; seq++)
            _feed.Offer([Event(seq, padding)]);
    }

    /// <summary>Reads what the pipe holds, until the frame that the test waits for has come, or the output has ended.</summary>
    async Task<List<(string Target, JsonElement Argument)>> ReadUntilAsync(Func<List<(string Target, JsonElement Argument)>, bool> enough)
    {
        using var patience = new CancellationTokenSource(ManualTime.Patience);
        while (!enough(_frames))
        {
            var read = await _pipe.Reader.ReadAsync(patience.Token);
            var rest = read.Buffer;
            while (ServerFrames.TryTake(ref rest, out var opcode, out var payload))
                _frames.Add(opcode == ServerFrames.Text ? Read(payload) : ($"opcode{opcode}", default));
            _pipe.Reader.AdvanceTo(rest.Start, read.Buffer.End);
            if (read.IsCompleted)
                break;
        }
        return _frames;
    }

    static (string Target, JsonElement Argument) Read(byte[] message)
    {
        Assert.Equal(0x1e, message[^1]);
        var json = JsonDocument.Parse(message.AsMemory(0, message.Length - 1)).RootElement;
        return json.TryGetProperty("target", out var target) ? (target.GetString()!, json.GetProperty("arguments")[0]) : ($"type{json.GetProperty("type")}", default);
    }

    static IEnumerable<long> Seqs(IEnumerable<(string Target, JsonElement Argument)> frames) =>
        frames.Where(static frame => frame.Target == HubEvent.MessageCreated).Select(static frame => frame.Argument.GetProperty("seq").GetInt64());

    static IEnumerable<long> Range(int from, int count) => Enumerable.Range(from, count).Select(static seq => (long)seq);

    async Task WithPumpAsync(Func<Task> test)
    {
        try
        {
            await test();
        }
        finally
        {
            // A write that waits for the client ends with the client.
            await _pipe.Reader.CompleteAsync();
            await _loops.DisposeAsync();
        }
    }

    [Fact]
    public Task A_reader_that_stops_lags_is_told_so_and_then_gets_everything_once() => WithPumpAsync(async () =>
    {
        var reader = _feed.Subscribe(_lanes, 0);
        _lanes.Begin(reader);
        await Eventually.TrueAsync(() => reader.Live);
        Publish(1, 250, 4000);
        Assert.False(reader.Live);
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(TimeSpan.FromSeconds(14), _lanes.SlowFor);

        var frames = await ReadUntilAsync(static frames => Seqs(frames).LastOrDefault() == 250);
        Assert.Equal(Range(1, 250), Seqs(frames));
        var lag = Assert.Single(frames, static frame => frame.Target == HubEvent.Lag);
        var before = Seqs(frames.TakeWhile(static frame => frame.Target != HubEvent.Lag)).LastOrDefault();
        Assert.Equal(before, lag.Argument.GetProperty("from").GetInt64());
        await Eventually.TrueAsync(() => reader.Live);
        Assert.Equal(TimeSpan.Zero, _lanes.SlowFor);
        Publish(251, 1);
        Assert.Equal(Range(1, 251), Seqs(await ReadUntilAsync(static frames => Seqs(frames).LastOrDefault() == 251)));
    });

    [Fact]
    public async Task Nobody_waits_for_a_reader_that_stopped()
    {
        var other = new Pipe();
        var well = new ConnectionLanes(other.Writer, _time, _loops.Start);
        await WithPumpAsync(async () =>
        {
            var slow = _feed.Subscribe(_lanes, 0);
            var fast = _feed.Subscribe(well, 0);
            _lanes.Begin(slow);
            well.Begin(fast);
            await Eventually.TrueAsync(() => slow.Live && fast.Live);
            // The slow one's socket takes 4 KB; all of this passes in one synchronous turn per event.
            for (var seq = 1; seq <= 250; seq++)
            {
                _feed.Offer([Event(seq, 4000)]);
                if (other.Reader.TryRead(out var read))
                    other.Reader.AdvanceTo(read.Buffer.End);
            }
            Assert.Equal(250, fast.Position);
            Assert.False(slow.Live);
        });
    }

    [Fact]
    public void Of_two_reads_of_the_members_the_older_one_does_not_count()
    {
        var ann = new ChannelMember("ann", "Ann");
        var older = _feed.BeginMembersRead();
        var newer = _feed.BeginMembersRead();
        _feed.StoreMembers(newer, new() { ["s1"] = ann });
        _feed.StoreMembers(older, []);
        Assert.Equal([ann], _feed.Members);
    }

    [Fact]
    public Task The_answer_comes_before_the_events_that_follow_from_it() => WithPumpAsync(async () =>
    {
        var writer = new LanePipeWriter(_lanes);
        Publish(1, 3);
        var reader = _feed.Subscribe(_lanes, 0);
        _lanes.AfterCompletion(() => _lanes.Begin(reader));
        _lanes.HoldUntilCompletion();
        _lanes.Send(HubFrames.Encode(HubEvent.ParticipantJoined, new { participant = "p1" }));
        await writer.WriteAsync("{\"type\":6}\u001e"u8.ToArray());
        writer.MarkCompletion();
        await writer.WriteAsync("{\"type\":3,\"invocationId\":\"1\"}\u001e"u8.ToArray());
        var frames = await ReadUntilAsync(static frames => Seqs(frames).LastOrDefault() == 3);
        Assert.Equal(["type6", "type3", HubEvent.ParticipantJoined, HubEvent.MessageCreated, HubEvent.MessageCreated, HubEvent.MessageCreated], frames.Select(static frame => frame.Target));
    });

    [Fact]
    public Task Closing_is_said_last_and_then_the_output_ends() => WithPumpAsync(async () =>
    {
        _lanes.Send(HubFrames.Encode("before", 1));
        _lanes.Close(CloseCode.Drain, TimeSpan.FromMilliseconds(700));
        Assert.False(_lanes.Send(HubFrames.Encode("after", 1)));
        var frames = await ReadUntilAsync(static _ => false);
        Assert.Equal(["before", HubEvent.Closing, "type7"], frames.Select(static frame => frame.Target));
        Assert.Equal((3001, true, 700), (frames[1].Argument.GetProperty("code").GetInt32(), frames[1].Argument.GetProperty("reconnect").GetBoolean(), frames[1].Argument.GetProperty("afterMs").GetInt32()));
        Assert.False(_aborted);
    });

    [Fact]
    public Task A_connection_that_keeps_up_has_no_loop() => WithPumpAsync(() =>
    {
        for (var i = 0; i < 20; i++)
            Assert.True(_lanes.Send(HubFrames.Encode(HubEvent.Typing, i)));
        _lanes.Close(CloseCode.Drain, TimeSpan.Zero);
        Assert.Equal(0, _loops.Started);
        Assert.True(_lanes.EndAsync().IsCompleted);
        return Task.CompletedTask;
    });

    [Fact]
    public Task The_end_waits_for_what_was_said_and_not_for_what_can_be_pulled() => WithPumpAsync(async () =>
    {
        var reader = _feed.Subscribe(_lanes, 0);
        _lanes.Begin(reader);
        await Eventually.TrueAsync(() => reader.Live);
        Publish(1, 10, 4000);
        Assert.True(_lanes.Send(HubFrames.Encode("last", 1)));
        var end = _lanes.EndAsync();
        Assert.False(end.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), _lanes.ClosingFor);
        var frames = await ReadUntilAsync(static _ => false);
        await end.WaitAsync(ManualTime.Patience);
        Assert.Equal("last", frames[^1].Target);
        Assert.InRange(frames.Count, 2, 9);
    });

    [Fact]
    public Task A_full_control_lane_gives_the_reader_up() => WithPumpAsync(() =>
    {
        var frame = new byte[64 * 1024];
        var sent = 0;
        while (sent < 100 && _lanes.Send(frame))
            sent++;
        Assert.InRange(sent, 16, 17);
        Assert.Equal(TimeSpan.MaxValue, _lanes.SlowFor);
        Assert.Equal(CloseCode.Slow, _lanes.ClosedWith);
        return Task.CompletedTask;
    });

    [Fact]
    public Task Our_own_calls_wait_for_our_own_socket() => WithPumpAsync(async () =>
    {
        var writer = new LanePipeWriter(_lanes);
        var first = writer.WriteAsync(new byte[8 * 1024]).AsTask();
        var second = writer.WriteAsync(new byte[80 * 1024]).AsTask();
        Assert.True(first.IsCompletedSuccessfully);
        Assert.False(second.IsCompleted);
        var taken = 0L;
        while (taken < 88 * 1024)
        {
            var read = await _pipe.Reader.ReadAsync();
            taken += read.Buffer.Length;
            _pipe.Reader.AdvanceTo(read.Buffer.End);
        }
        await second.WaitAsync(ManualTime.Patience);
    });
}
