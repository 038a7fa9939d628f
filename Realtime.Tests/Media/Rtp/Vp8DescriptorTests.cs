using Realtime.Media.Rtp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Rtp;

public class Vp8DescriptorTests
{
    /// <summary>X, S; I, L, T, K; 15-bit picture id 0x1234, TL0PICIDX 0x56, TID 2, Y, KEYIDX 9; key frame of 640 × 360, scaling bits set.</summary>
    static byte[] KeyFrame() =>
        [0x90, 0xF0, 0x92, 0x34, 0x56, 0xA9, 0x50, 0x01, 0x02, 0x9D, 0x01, 0x2A, 0x80, 0x42, 0x68, 0x81, 0x00];

    [Fact]
    public void ReadsEveryField()
    {
        Assert.True(Vp8Descriptor.TryRead(KeyFrame(), out var descriptor));
        Assert.Equal(6, descriptor.Length);
        Assert.True(descriptor.IsFrameStart);
        Assert.True(descriptor.IsKeyFrame);
        Assert.False(descriptor.IsNonReference);
        Assert.Equal(15, descriptor.Numbers.PictureIdBits);
        Assert.Equal(0x1234, descriptor.Numbers.PictureId);
        Assert.Equal(0x56, descriptor.Numbers.Tl0PicIdx);
        Assert.Equal(2, descriptor.TemporalLayer);
        Assert.True(descriptor.IsLayerSync);
        Assert.Equal(9, descriptor.KeyIdx);
        Assert.Equal((640, 360), (descriptor.Width, descriptor.Height));
    }

    [Theory]
    [InlineData("10 01", true, false)] // S, delta frame
    [InlineData("10 00", true, true)] // key frame, its header cut off: a key frame all the same
    [InlineData("00 00", false, false)] // a later packet of a key frame
    [InlineData("11 00", false, false)] // a later partition
    public void OnlyTheFirstPacketTellsAKeyFrame(string hex, bool isStart, bool isKey)
    {
        Assert.True(Vp8Descriptor.TryRead(Convert.FromHexString(hex.Replace(" ", "")), out var descriptor));
        Assert.Equal((isStart, isKey, 1), (descriptor.IsFrameStart, descriptor.IsKeyFrame, descriptor.Length));
        Assert.Equal((0, 0), (descriptor.Width, descriptor.Height));
    }

    [Fact]
    public void EveryTruncationOfTheDescriptorIsRefused()
    {
        for (var length = 0; length <= 6; length++) Assert.False(Vp8Descriptor.TryRead(KeyFrame().AsSpan(0, length), out _));
        Assert.True(Vp8Descriptor.TryRead(KeyFrame().AsSpan(0, 7), out _));
    }

    [Fact]
    public void PictureIdsAreRewrittenInTheirWidth()
    {
        var payload = KeyFrame();
        Assert.True(Vp8Descriptor.TryRead(payload, out var descriptor));
        descriptor.Numbers.SetPictureId(payload, 0x7FFF);
        descriptor.Numbers.SetTl0PicIdx(payload, 0xAB);
        Assert.True(Vp8Descriptor.TryRead(payload, out var rewritten));
        Assert.Equal((0x7FFF, 15, 0xAB, 2), (rewritten.Numbers.PictureId, rewritten.Numbers.PictureIdBits, rewritten.Numbers.Tl0PicIdx, rewritten.TemporalLayer));

        byte[] narrow = [0x90, 0x80, 0x11, 0x00];
        Assert.True(Vp8Descriptor.TryRead(narrow, out descriptor));
        Assert.Equal((7, 0x11), (descriptor.Numbers.PictureIdBits, descriptor.Numbers.PictureId));
        descriptor.Numbers.SetPictureId(narrow, 0xFFFF);
        Assert.Equal([0x90, 0x80, 0x7F, 0x00], narrow);

        byte[] none = [0x10, 0x00];
        Assert.True(Vp8Descriptor.TryRead(none, out descriptor));
        descriptor.Numbers.SetPictureId(none, 5);
        descriptor.Numbers.SetTl0PicIdx(none, 5);
        Assert.Equal([0x10, 0x00], none);
    }

    [Fact]
    public void AnyBytesAreReadOrRefused()
    {
        RandomInput.Check(RandomInput.Bytes(24), bytes =>
        {
            if (!Vp8Descriptor.TryRead(bytes, out var descriptor)) return;
            Assert.InRange(descriptor.Length, 1, bytes.Length - 1);
            descriptor.Numbers.SetPictureId(bytes, 1);
            descriptor.Numbers.SetTl0PicIdx(bytes, 1);
        }, count: 5000);
    }
}
