using Realtime.Media.Core;
using Realtime.Media.Relay;
using Realtime.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Relay;

public sealed class RelayChannelTests
{
    static readonly RelayedTrack Track = new(
        "t1", "ann", SectionKind.Video, new Codec(new PayloadType(96), "VP8", 90_000) { FormatParameters = "a=1" }, "camera", Muted: true, new Ssrc(7), new Ssrc(8));

    [Theory]
    [InlineData(0, 1UL)]
    [InlineData(0.3, 2UL)]
    [InlineData(0.7, 3UL)]
    public void Messages_arrive_in_order_and_none_is_lost(double loss, ulong seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var entropy = new Entropy(seed);
        var (here, there) = (new RelayChannel(new Ssrc(1)), new RelayChannel(new Ssrc(2)));
        for (var i = 0; i < 100; i++) here.Send(new RelayMessage(RelayMessageKind.Unpublished, $"{i}"));
        for (var i = 0; i < 40; i++) there.Send(new RelayMessage(RelayMessageKind.Muted, $"{i}") { Muted = true });
        var (received, answered) = (new List<string>(), new List<string>());
        var now = Instant.Zero;
        for (var round = 0; round < 2000 && (received.Count < 100 || answered.Count < 40); round++)
        {
            now += TimeSpan.FromMilliseconds(20);
            Carry(now, here, there, entropy, loss);
            Carry(now, there, here, entropy, loss);
            while (there.TryTake(out var message)) received.Add(message.Mid);
            while (here.TryTake(out var message)) answered.Add(message.Mid);
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"{i}"), received);
        Assert.Equal(Enumerable.Range(0, 40).Select(static i => $"{i}"), answered);
    }

    [Fact]
    public void Once_everything_is_acknowledged_nothing_is_sent()
    {
        var (here, there) = (new RelayChannel(new Ssrc(1)), new RelayChannel(new Ssrc(2)));
        here.Send(new RelayMessage(RelayMessageKind.Goodbye, ""));
        var entropy = new Entropy(1);
        Carry(Instant.Zero, here, there, entropy, 0);
        Carry(Instant.Zero, there, here, entropy, 0);
        Assert.False(here.IsDue(Instant.FromMilliseconds(10_000)));
        Assert.True(here.NextDeadline.IsNever);
    }

    [Fact]
    public void Who_takes_nothing_is_lost_and_costs_no_more_memory()
    {
        var here = new RelayChannel(new Ssrc(1));
        for (var i = 0; i <= RelayChannel.MaxWaiting; i++) here.Send(new RelayMessage(RelayMessageKind.Unpublished, "m"));
        Assert.True(here.IsLost);
    }

    [Fact]
    public void Every_message_is_read_as_it_was_written()
    {
        RelayMessage[] messages =
        [
            new(RelayMessageKind.Published, "a0") { Track = Track }, new(RelayMessageKind.Unpublished, "a1"), new(RelayMessageKind.Muted, "a2") { Muted = true },
            new(RelayMessageKind.Wish, "a3") { Wish = new RelayWish(640, 360, 15, Paused: true) }, new(RelayMessageKind.Goodbye, ""),
        ];
        var bytes = new byte[RelayMessage.MaxLength];
        foreach (var message in messages)
        {
            Assert.True(message.TryWrite(bytes, out var length));
            Assert.True(RelayMessage.TryRead(bytes.AsSpan(0, length), out var read));
            Assert.Equal((message.Kind, message.Mid, message.Muted, message.Wish), (read.Kind, read.Mid, read.Muted, read.Wish));
            Assert.Equal(message.Track?.ToString(), read.Track?.ToString());
        }
    }

    [Fact]
    public void No_bytes_make_a_reader_throw()
    {
        var entropy = new Entropy(4711);
        var bytes = new byte[256];
        var channel = new RelayChannel(new Ssrc(1));
        for (var i = 0; i < 20_000; i++)
        {
            entropy.Fill(bytes);
            RelayMessage.TryRead(bytes.AsSpan(0, entropy.NextInt32(bytes.Length)), out _);
            (bytes[0], bytes[1], bytes[2]) = (0x80, 204, 0);
            "RTRL"u8.CopyTo(bytes.AsSpan(8));
            channel.TryReceive(bytes.AsSpan(0, entropy.NextInt32(bytes.Length)));
        }
    }

    static void Carry(Instant now, RelayChannel from, RelayChannel to, Entropy entropy, double loss)
    {
        var buffer = new byte[RelayChannel.MaxPacket];
        if (!from.IsDue(now)) return;
        while (from.TryWriteNext(now, buffer, out var length))
        {
            if (entropy.NextDouble() >= loss) Assert.True(to.TryReceive(buffer.AsSpan(0, length)));
        }
    }
}
