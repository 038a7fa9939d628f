using FsCheck.Fluent;
using Realtime.Media.Transport;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Transport;

public class StreamFramingTests
{
    const int MaxPayload = 300;

    [Fact]
    public void What_was_framed_is_read_wherever_the_stream_is_cut() =>
        RandomInput.Check(RandomInput.Bytes(MaxPayload).ListOf(), payloads =>
        {
            var stream = new List<byte>();
            var frame = new byte[MaxPayload + StreamFraming.HeaderLength];
            foreach (var payload in payloads) stream.AddRange(frame[..StreamFraming.Write(frame, payload)]);
            var bytes = stream.ToArray();
            for (var cut = 0; cut <= bytes.Length; cut += Math.Max(1, bytes.Length / 50))
            {
                // Read up to the cut, then the rest: the same frames.
                var (first, used) = Read(bytes.AsSpan(0, cut));
                var (second, _) = Read(bytes.AsSpan(used));
                Assert.Equal(payloads, [.. first, .. second]);
            }
        }, count: 20);

    [Fact]
    public void A_single_frame_is_partial_at_each_byte_but_the_last()
    {
        var frame = new byte[102];
        Assert.Equal(102, StreamFraming.Write(frame, new byte[100]));
        for (var length = 0; length < frame.Length; length++)
            Assert.Equal(FrameState.Partial, StreamFraming.TryRead(frame.AsSpan(0, length), MaxPayload, out _));
        Assert.Equal(FrameState.Whole, StreamFraming.TryRead(frame, MaxPayload, out var payload));
        Assert.Equal(100, payload);
    }

    [Fact]
    public void A_length_beyond_the_limit_is_refused_as_soon_as_it_is_known()
    {
        Assert.Equal(FrameState.Partial, StreamFraming.TryRead([0x01], MaxPayload, out _));
        Assert.Equal(FrameState.TooLong, StreamFraming.TryRead([0x01, 0x2D], MaxPayload, out _));
        Assert.Equal(FrameState.Partial, StreamFraming.TryRead([0x01, 0x2C], MaxPayload, out _));
    }

    [Fact]
    public void What_does_not_fit_is_not_written()
    {
        Assert.Equal(0, StreamFraming.Write(new byte[11], new byte[10]));
        Assert.Equal(0, StreamFraming.Write(new byte[70_000], new byte[65_536]));
        Assert.Equal(65_537, StreamFraming.Write(new byte[70_000], new byte[65_535]));
    }

    static (List<byte[]> Frames, int Used) Read(ReadOnlySpan<byte> stream)
    {
        var frames = new List<byte[]>();
        var used = 0;
        while (StreamFraming.TryRead(stream[used..], MaxPayload, out var length) == FrameState.Whole)
        {
            frames.Add(stream.Slice(used + StreamFraming.HeaderLength, length).ToArray());
            used += StreamFraming.HeaderLength + length;
        }

        return (frames, used);
    }
}
