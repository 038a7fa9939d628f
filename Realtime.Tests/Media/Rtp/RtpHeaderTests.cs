using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Rtp;

public class RtpHeaderTests
{
    /// <summary>Marker, PT 111, sequence 0x0102, two CSRCs, one-byte extension of one word, five bytes of payload, three of padding.</summary>
    static byte[] Known() =>
    [
        0xB2, 0xEF, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A,
        0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x22, 0x22,
        0xBE, 0xDE, 0x00, 0x01, 0x10, 0x85, 0x00, 0x00,
        0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0x00, 0x00, 0x03,
    ];

    [Fact]
    public void ReadsEveryField()
    {
        var packet = Known();
        Assert.True(RtpHeader.TryRead(packet, out var header));
        Assert.True(header.Marker);
        Assert.Equal(new PayloadType(111), header.PayloadType);
        Assert.Equal(new SequenceNumber(0x0102), header.Sequence);
        Assert.Equal(new RtpTimestamp(0x03040506), header.Timestamp);
        Assert.Equal(new Ssrc(0x0708090A), header.Ssrc);
        Assert.Equal(2, header.CsrcCount);
        Assert.Equal(RtpExtensions.OneByteProfile, header.ExtensionProfile);
        Assert.Equal(28, header.HeaderLength);
        Assert.Equal(5, header.PayloadLength);
        Assert.Equal(3, header.PaddingLength);
        Assert.Equal(new byte[] { 0xA1, 0xA2, 0xA3, 0xA4, 0xA5 }, header.Payload(packet).ToArray());
        Assert.True(header.Extensions(packet).TryFind(1, out var level));
        Assert.Equal(new byte[] { 0x85 }, level.ToArray());
        Assert.True(AudioLevel.TryRead(level, out var audio));
        Assert.Equal(new AudioLevel(5, IsVoice: true), audio);
    }

    [Fact]
    public void EveryTruncationOfTheHeaderIsRefused()
    {
        var packet = Known();
        for (var length = 0; length < 28; length++) Assert.False(RtpHeader.TryRead(packet.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData(0, 0x72)] // version 1
    [InlineData(35, 0x00)] // padding of nothing
    [InlineData(35, 0x09)] // padding longer than what follows the header
    [InlineData(23, 0x10)] // extension longer than the packet
    public void MalformedIsRefused(int offset, byte value)
    {
        var packet = Known();
        packet[offset] = value;
        Assert.False(RtpHeader.TryRead(packet, out _));
    }

    [Fact]
    public void PaddingMayFillThePayload()
    {
        var packet = Known();
        packet[^1] = 8;
        Assert.True(RtpHeader.TryRead(packet, out var header));
        Assert.Equal(0, header.PayloadLength);
        Assert.Equal(8, header.PaddingLength);
    }

    [Fact]
    public void ProtectedPacketsAreNotJudgedByTheirPadding()
    {
        var packet = Known();
        packet[^1] = 0xFF;
        Assert.True(RtpHeader.TryReadProtected(packet, out var header));
        Assert.Equal(8, header.PayloadLength);
        Assert.Equal(0, header.PaddingLength);
    }

    [Fact]
    public void FieldsAreRewrittenInPlace()
    {
        var packet = Known();
        RtpFields.SetMarker(packet, false);
        RtpFields.SetPayloadType(packet, new PayloadType(96));
        RtpFields.SetSequence(packet, new SequenceNumber(65535));
        RtpFields.SetTimestamp(packet, new RtpTimestamp(7));
        RtpFields.SetSsrc(packet, new Ssrc(8));
        RtpFields.SetPadding(packet, false);
        Assert.True(RtpHeader.TryRead(packet, out var header));
        Assert.False(header.Marker);
        Assert.Equal(new PayloadType(96), header.PayloadType);
        Assert.Equal(new SequenceNumber(65535), header.Sequence);
        Assert.Equal(new RtpTimestamp(7), header.Timestamp);
        Assert.Equal(new Ssrc(8), header.Ssrc);
        Assert.Equal(8, header.PayloadLength);
        Assert.Equal(Known()[12..], packet[12..]);
    }

    [Fact]
    public void AnyBytesAreReadOrRefused()
    {
        RandomInput.Check(RandomInput.Bytes(200), bytes =>
        {
            if (bytes.Length > 0) bytes[0] = (byte)((bytes[0] & 0x3F) | 0x80);
            if (!RtpHeader.TryRead(bytes, out var header)) return;
            Assert.Equal(bytes.Length, header.HeaderLength + header.PayloadLength + header.PaddingLength);
            var count = 0;
            foreach (var element in header.Extensions(bytes)) count += 1 + element.Value.Length;
            Assert.InRange(count, 0, header.ExtensionLength);
            _ = Vp8Descriptor.TryRead(header.Payload(bytes), out _);
        });
    }

    [Fact]
    public void RtpAndRtcpAreToldApart()
    {
        Span<byte> packet = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for (var second = 0; second < 256; second++)
        {
            packet[1] = (byte)second;
            Assert.Equal(second is >= 192 and <= 223 ? PacketKind.Rtcp : PacketKind.Rtp, PacketKindReader.Classify(packet));
        }

        Assert.Equal(PacketKind.Unknown, PacketKindReader.Classify(packet[..7]));
        packet[0] = 0x40;
        Assert.Equal(PacketKind.Unknown, PacketKindReader.Classify(packet));
    }
}
