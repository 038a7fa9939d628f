using System.IO.Pipelines;
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
    public async Task The_first_event_goes_at_once_those_after_it_together()
    {
        await using var kit = new Kit();
        using var beat = new FeedBeat(kit.Supervisor);
        await beat.StartAsync(default);
        var feed = new ChannelFeed("general", this, null!) { Beat = beat };
        feed.Load(new ChannelHead(1, 0, 1), []);
        var lanes = new ConnectionLanes(_pipe.Writer, kit.Time);
        using var ended = new CancellationTokenSource();
        var pump = lanes.RunAsync(ended.Token);
        var readers = Enumerable.Range(0, FeedBeat.ManyReaders).Select(i => feed.Subscribe(i == 0 ? lanes : new ConnectionLanes(new Pipe().Writer, kit.Time), 0)).ToList();
        lanes.Begin(readers[0]);
        await Eventually.TrueAsync(() => readers[0].Live);

        kit.Time.Advance(FeedBeat.Every);
        feed.Offer([Event(1)]);
        Assert.Equal(1, readers[0].Position);
        for (var seq = 2; seq <= 5; seq++)
            feed.Offer([Event(seq)]);
        Assert.Equal(1, readers[0].Position);
        await Eventually.TrueAsync(() =>
        {
            kit.Time.Advance(FeedBeat.Every);
            return readers[0].Position == 5;
        });
        // Whoever comes in between pulls what waits, and is not told it again.
        feed.Offer([Event(6)]);
        feed.DeliverDue();
        var read = await _pipe.Reader.ReadAsync();
        var text = System.Text.Encoding.UTF8.GetString(System.Buffers.BuffersExtensions.ToArray(read.Buffer));
        Assert.Equal(Enumerable.Range(1, 6).Select(static seq => $"\"id{seq}\""), text.Split('\u001e', StringSplitOptions.RemoveEmptyEntries).Select(static frame => frame[frame.IndexOf("\"id", 20, StringComparison.Ordinal)..].Split(':', ',')[1]));
        await ended.CancelAsync();
        await pump;
        await beat.StopAsync(default);
    }
}
