using System.Text;
using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Fanout;
using Xunit;

namespace Realtime.Tests.Signaling.Fanout;

public class NewsFormatTests
{
    static ChannelEvent Event(long seq, string text) => HubFrames.MessageCreated(
        new Message("general", 7, seq, $"id{seq}", "ann", "Ann", text, DateTimeOffset.UnixEpoch, $"c{seq}"));

    [Fact]
    public void A_batch_comes_back_byte_for_byte()
    {
        ChannelEvent[] batch = [Event(41, "one\ntwo"), Event(42, "{\"x\"}"), Event(43, "ü\u2028")];
        Assert.True(NewsFormat.TryRead(NewsFormat.Write(batch), out var read));
        Assert.Equal(batch.Select(static one => (one.Epoch, one.Seq)), read.Select(static one => (one.Epoch, one.Seq)));
        for (var i = 0; i < batch.Length; i++)
            Assert.Equal(batch[i].Frame.ToArray(), read[i].Frame.ToArray());
        Assert.Equal("one\ntwo", HubFrames.Read<Message>(read[0]).Text);
    }

    static ChannelEvent Update(long seq, long of) => HubFrames.MessageUpdated(new MessageUpdatedEvent("general", 7, seq, $"id{of}", of, "changed", "ann", DateTimeOffset.UnixEpoch));

    static ChannelEvent Deletion(long seq, long of) => HubFrames.MessageDeleted(new MessageDeletedEvent("general", 7, seq, $"id{of}", of, "ann", DateTimeOffset.UnixEpoch));

    [Fact]
    public void Events_of_all_kinds_come_back_byte_for_byte()
    {
        ChannelEvent[] batch = [Event(41, "one"), Update(42, 7), Deletion(43, 41)];
        var written = NewsFormat.Write(batch);
        Assert.StartsWith("2 7 41\nc 41 {", Encoding.UTF8.GetString(written));
        Assert.True(NewsFormat.TryRead(written, out var read));
        for (var i = 0; i < batch.Length; i++)
        {
            Assert.Equal((batch[i].Kind, batch[i].Seq, batch[i].MessageSeq), (read[i].Kind, read[i].Seq, read[i].MessageSeq));
            Assert.Equal(batch[i].Frame.ToArray(), read[i].Frame.ToArray());
        }
    }

    [Fact]
    public void New_messages_alone_are_written_as_the_version_before_reads_them() =>
        Assert.StartsWith("1 7 41\n{", Encoding.UTF8.GetString(NewsFormat.Write([Event(41, "one"), Event(42, "two")])));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 \n")]
    [InlineData("2 1 1\n{}\n")]
    [InlineData("3 1 1\nc 1 {}\n")]
    [InlineData("2 1 1\nx 1 {}\n")]
    [InlineData("2 1 1\nc\n")]
    [InlineData("2 1 1\nc 2 {}\n")]
    [InlineData("2 1 2\nc 1 {}\n")]
    [InlineData("2 1 2\nu 2 {}\n")]
    [InlineData("2 1 2\nd 3 {}\n")]
    [InlineData("2 1 2\nd 0 {}\n")]
    [InlineData("2 1 2\nd 1 x\n")]
    [InlineData("1 1 1\n")]
    [InlineData("1 1 1\n{}")]
    [InlineData("1 1 1\n\n")]
    [InlineData("1 1 0\n{}\n")]
    [InlineData("1 -1 1\n{}\n")]
    [InlineData("1 1 99999999999999999999\n{}\n")]
    [InlineData("1 1 1\nx\n")]
    public void Anything_else_is_refused(string message) => Assert.False(NewsFormat.TryRead(Encoding.UTF8.GetBytes(message), out _));

    [Fact]
    public void Random_bytes_never_throw()
    {
        const int seed = 20301;
        var random = new Random(seed);
        var good = NewsFormat.Write([Event(1, "a"), Update(2, 1), Deletion(3, 1)]);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good.ToArray();
            for (var j = random.Next(4); j >= 0; j--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            NewsFormat.TryRead(bytes.AsMemory(0, random.Next(bytes.Length + 1)), out _);
        }
    }
}
