using Realtime.Media.Rtp;
using Xunit;

namespace Realtime.Tests.Media.Rtp;

public sealed class LayersAllocationTests
{
    // Sent on stream 0 of three, each with one spatial layer of one temporal layer; 100, 300 and 800 kbit/s; 160 × 90, 320 × 180 and 640 × 360 at 30.
    static readonly byte[] Simulcast = [0x21, 0x00, 100, 0xAC, 0x02, 0xA0, 0x06, 0, 159, 0, 89, 30, 1, 63, 0, 179, 30, 2, 127, 1, 103, 30];

    [Fact]
    public void A_simulcast_tells_the_size_of_each_stream()
    {
        Assert.True(LayersAllocation.TryRead(Simulcast, out var allocation));
        Assert.Equal(3, allocation.Streams);
        Assert.True(allocation.HasSizes);
        Assert.True(allocation.TryTopSize(0, out var width, out var height) && (width, height) == (160, 90));
        Assert.True(allocation.TryTopSize(1, out width, out height) && (width, height) == (320, 180));
        Assert.True(allocation.TryTopSize(2, out width, out height) && (width, height) == (640, 360));
        Assert.False(allocation.TryTopSize(3, out _, out _));
    }

    [Fact]
    public void Streams_may_have_layers_of_their_own()
    {
        // Two streams: none of the first; the lower two layers of the second, with two and one temporal layers.
        byte[] value = [0x10, 0x03, 0x40, 10, 20, 30, 0, 99, 0, 49, 15, 0, 199, 0, 99, 30];
        Assert.True(LayersAllocation.TryRead(value, out var allocation));
        Assert.False(allocation.IsActive(0, 0));
        Assert.True(allocation.TrySize(1, 0, out var width, out var height) && (width, height) == (100, 50));
        Assert.True(allocation.TrySize(1, 1, out width, out height) && (width, height) == (200, 100));
        Assert.False(allocation.TrySize(1, 2, out _, out _));
    }

    [Fact]
    public void Sizes_may_be_left_out_and_nothing_at_all_be_sent()
    {
        Assert.True(LayersAllocation.TryRead(Simulcast.AsSpan(0, 7), out var allocation));
        Assert.False(allocation.HasSizes || allocation.TryTopSize(0, out _, out _));
        Assert.True(LayersAllocation.TryRead([0], out allocation));
        Assert.False(allocation.IsActive(0, 0));
    }

    [Fact]
    public void Cut_short_it_is_refused()
    {
        Assert.False(LayersAllocation.TryRead([], out _));
        foreach (var length in new[] { 1, 2, 3, 4, 6, 8, 15, 21 }) Assert.False(LayersAllocation.TryRead(Simulcast.AsSpan(0, length), out _));
    }
}
