using Realtime.Bench.Signaling.Load;
using Xunit;

namespace Realtime.Tests.Bench.Signaling;

public sealed class FrameReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Payloads_come_out_whole_however_they_are_cut(int piece)
    {
        int[] lengths = [0, 1, 125, 126, 70_000, 3];
        byte[] stream = [.. lengths.SelectMany((length, i) => Frame(length, (byte)i))];
        var reader = new FrameReader();
        var sums = new List<(long Length, int Read)>();
        var read = 0;
        for (var at = 0; at < stream.Length; at += piece)
        {
            ReadOnlySpan<byte> bytes = stream.AsSpan(at, Math.Min(piece, stream.Length - at));
            while (reader.TryTake(ref bytes, out var payload))
            {
                read += payload.Length;
                if (read == reader.Length)
                {
                    sums.Add((reader.Length, read));
                    read = 0;
                }
            }
        }
        Assert.Equal(lengths.Where(static length => length > 0), sums.Select(static sum => sum.Read));
    }

    [Fact]
    public void A_mark_says_which_message_it_is_and_when_it_was_sent()
    {
        var text = System.Text.Encoding.ASCII.GetBytes(MessageMark.Text(77, 123_456_789_012, 40));
        Assert.Equal(40, text.Length);
        Assert.True(MessageMark.TryRead(text.AsSpan(0, MessageMark.Length), out var number, out var time));
        Assert.Equal((77, 123_456_789_012), (number, time));
        Assert.False(MessageMark.TryRead("~@0000004z00000000000000ff"u8, out _, out _));
    }

    // As a server sends it: unmasked.
    static byte[] Frame(int length, byte fill)
    {
        byte[] header = length < 126 ? [0x81, (byte)length]
            : length <= ushort.MaxValue ? [0x81, 126, (byte)(length >> 8), (byte)length]
            : [0x81, 127, 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length];
        return [.. header, .. Enumerable.Repeat(fill, length)];
    }
}
