using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Rtp;

public class PayloadFormatTests
{
    [Theory]
    // I, L, B; 15-bit id 0x1234, TID 2, TL0PICIDX 7: a key picture.
    [InlineData("A8 9234 40 07 00", true, 0x1234, 15, 7, 2, 0)]
    // Predicted.
    [InlineData("E8 9234 40 07 00", false, 0x1234, 15, 7, 2, 0)]
    // The second spatial layer of a key picture: not where decoding starts.
    [InlineData("A8 9234 02 07 00", false, 0x1234, 15, 7, 0, 1)]
    // 7-bit id, flexible mode: no TL0PICIDX.
    [InlineData("B8 15 00 00", true, 0x15, 7, null, 0, 0)]
    // Not the first packet of the frame.
    [InlineData("A0 9234 40 07 00", false, 0x1234, 15, 7, 2, 0)]
    public void Vp9(string hex, bool startsKeyframe, int pictureId, int bits, int? tl0PicIdx, int temporal, int spatial)
    {
        Assert.True(Vp9Descriptor.TryRead(Bytes(hex), out var vp9));
        Assert.Equal((startsKeyframe, temporal, spatial), (vp9.StartsKeyframe, vp9.TemporalLayer, vp9.SpatialLayer));
        Assert.Equal((pictureId, bits), (vp9.Numbers.PictureId, vp9.Numbers.PictureIdBits));
        Assert.Equal(tl0PicIdx, vp9.Numbers.HasTl0PicIdx ? vp9.Numbers.Tl0PicIdx : null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("A8")]
    [InlineData("A8 92")]
    [InlineData("A8 92 34")]
    [InlineData("A8 92 34 40")]
    [InlineData("A8 92 34 40 07")]
    public void Vp9CutShortIsRefused(string hex) => Assert.False(Vp9Descriptor.TryRead(Bytes(hex), out _));

    [Theory]
    [InlineData("67 42 E0", true, false)]
    [InlineData("65 88", false, true)]
    [InlineData("41 9A", false, false)]
    [InlineData("68 CE", false, false)]
    // STAP-A of SPS, PPS and IDR; of two slices; with a length that lies.
    [InlineData("78 0002 6742 0002 68CE 0002 6588", true, true)]
    [InlineData("78 0002 4142 0002 4143", false, false)]
    [InlineData("78 FFFF 6742", false, false)]
    // FU-A: the first fragment of an IDR picture, a later one, the first of another.
    [InlineData("7C 85 88", false, true)]
    [InlineData("7C 05 88", false, false)]
    [InlineData("7C 81 88", false, false)]
    [InlineData("7C", false, false)]
    [InlineData("", false, false)]
    public void H264(string hex, bool hasParameterSets, bool startsIdr) =>
        Assert.Equal(new H264Payload(hasParameterSets, startsIdr), H264Payload.Read(Bytes(hex)));

    [Theory]
    [InlineData("18 0A", true)]
    [InlineData("10 0A", false)]
    [InlineData("98 0A", false)]
    public void Av1(string hex, bool startsKeyframe)
    {
        Assert.True(Av1AggregationHeader.TryRead(Bytes(hex), out var header));
        Assert.Equal(startsKeyframe, header.StartsKeyframe);
    }

    [Fact]
    public void NothingThatArrivesThrows() => RandomInput.Check(RandomInput.Bytes(60), payload =>
    {
        H264Payload.Read(payload);
        Av1AggregationHeader.TryRead(payload, out _);
        if (!Vp9Descriptor.TryRead(payload, out var vp9)) return;
        vp9.Numbers.SetPictureId(payload, 5);
        vp9.Numbers.SetTl0PicIdx(payload, 6);
        Assert.True(Vp9Descriptor.TryRead(payload, out var again));
        if (again.Numbers.HasPictureId) Assert.Equal(5, again.Numbers.PictureId);
        if (again.Numbers.HasTl0PicIdx) Assert.Equal(6, again.Numbers.Tl0PicIdx);
    });

    /// <summary>RFC 4588 §4: the original sequence number before the payload, all else of the header as it was.</summary>
    [Fact]
    public void RtxIsUndone()
    {
        byte[] rtx = [0x90, 0x80 | 97, 0x00, 0x01, 0, 0, 0, 9, 0, 0, 0, 0x22, 0xBE, 0xDE, 0x00, 0x01, 0x10, 0xAA, 0, 0, 0x12, 0x34, 1, 2, 3];
        Assert.True(RtpHeader.TryRead(rtx, out var header));
        Assert.True(RtxPayload.TryUndo(rtx, header, new PayloadType(96), new Ssrc(0x11), out var original));
        Assert.Equal<byte>([0x90, 0x80 | 96, 0x12, 0x34, 0, 0, 0, 9, 0, 0, 0, 0x11, 0xBE, 0xDE, 0x00, 0x01, 0x10, 0xAA, 0, 0, 1, 2, 3], original.ToArray());
    }

    [Fact]
    public void RtxOfPaddingAloneIsNothing()
    {
        byte[] rtx = [0xA0, 97, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0x22, 0, 0, 0, 4];
        Assert.True(RtpHeader.TryRead(rtx, out var header));
        Assert.False(RtxPayload.TryUndo(rtx, header, new PayloadType(96), new Ssrc(0x11), out _));
    }

    static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", ""));
}
