using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Rtcp;

public class RtcpPacketTests
{
    static readonly Ssrc Us = new(0x01020304);
    static readonly Ssrc Them = new(0x0A0B0C0D);

    static RtcpPacket Only(ReadOnlySpan<byte> datagram)
    {
        Assert.True(RtcpCompound.TryRead(datagram, out var compound));
        var packets = compound.GetEnumerator();
        Assert.True(packets.MoveNext());
        return packets.Current;
    }

    static string Hex(in RtcpWriter writer) => Convert.ToHexString(writer.Written);

    [Fact]
    public void PictureLossIndication()
    {
        var writer = new RtcpWriter(new byte[64]);
        Assert.True(new PictureLossIndication(Us, Them).Write(ref writer));
        Assert.Equal("81CE0002" + "01020304" + "0A0B0C0D", Hex(writer));
        Assert.True(Realtime.Media.Rtcp.PictureLossIndication.TryRead(Only(writer.Written), out var read));
        Assert.Equal(new PictureLossIndication(Us, Them), read);
    }

    [Fact]
    public void FullIntraRequest()
    {
        var writer = new RtcpWriter(new byte[64]);
        Assert.True(Realtime.Media.Rtcp.FullIntraRequest.Write(ref writer, Us, new FullIntraRequest.Entry(Them, 7)));
        Assert.Equal("84CE0004" + "01020304" + "00000000" + "0A0B0C0D" + "07000000", Hex(writer));
        Assert.True(Realtime.Media.Rtcp.FullIntraRequest.TryRead(Only(writer.Written), out var read));
        Assert.Equal(1, read.Count);
        Assert.Equal(new FullIntraRequest.Entry(Them, 7), read[0]);
    }

    [Fact]
    public void GenericNackPacksNeighbours()
    {
        SequenceNumber[] missing = [new(65534), new(65535), new(0), new(14), new(15), new(100)];
        var writer = new RtcpWriter(new byte[64]);
        Assert.True(GenericNack.Write(ref writer, Us, Them, missing));
        // 65534 with +1, +2, +16; then 15 alone; then 100.
        Assert.Equal("81CD0005" + "01020304" + "0A0B0C0D" + "FFFE8003" + "000F0000" + "00640000", Hex(writer));
        Assert.True(GenericNack.TryRead(Only(writer.Written), out var read));
        Assert.Equal((Us, Them), (read.Sender, read.Media));
        var sequences = new List<SequenceNumber>();
        foreach (var sequence in read) sequences.Add(sequence);
        Assert.Equal(missing, sequences);
    }

    [Fact]
    public void SenderReportAndSourceDescription()
    {
        var block = new ReportBlock(Them, 0x40, -2, 0x00011234, 55, 0xAABBCCDD, 0x00010000);
        var info = new SenderInfo(new NtpTime(0x0000_0005_8000_0000), new RtpTimestamp(90_000), 10, 12_345);
        var writer = new RtcpWriter(new byte[128]);
        Assert.True(SenderReport.Write(ref writer, Us, info, [block]));
        Assert.True(SourceDescription.Write(ref writer, Us, "node"u8));
        Assert.Equal(
            "81C8000C" + "01020304" + "0000000580000000" + "00015F90" + "0000000A" + "00003039"
            + "0A0B0C0D" + "40FFFFFE" + "00011234" + "00000037" + "AABBCCDD" + "00010000"
            + "81CA0003" + "01020304" + "01046E6F" + "64650000",
            Hex(writer));

        Assert.True(RtcpCompound.TryRead(writer.Written, out var compound));
        var count = 0;
        foreach (var packet in compound)
        {
            count++;
            if (SenderReport.TryRead(packet, out var report))
            {
                Assert.Equal(Us, report.Sender);
                Assert.Equal(info, report.Info);
                Assert.Equal(1, report.Blocks.Count);
                Assert.Equal(block, report.Blocks[0]);
            }
            else
            {
                Assert.True(SourceDescription.TryFindCname(packet, Us, out var cname));
                Assert.Equal("node"u8.ToArray(), cname.ToArray());
                Assert.False(SourceDescription.TryFindCname(packet, Them, out _));
            }
        }

        Assert.Equal(2, count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(255)]
    public void SourceDescriptionOfAnyLengthEndsWithZero(int length)
    {
        var cname = new byte[length];
        cname.AsSpan().Fill((byte)'x');
        var writer = new RtcpWriter(new byte[512]);
        Assert.True(SourceDescription.Write(ref writer, Us, cname));
        Assert.Equal(0, writer.Written[^1]);
        Assert.True(SourceDescription.TryFindCname(Only(writer.Written), Us, out var read));
        Assert.Equal(cname, read.ToArray());
    }

    [Fact]
    public void SourceDescriptionWithSeveralChunksAndItems()
    {
        // Us: NOTE "a"; Them: CNAME "bc", NOTE "d".
        var packet = Convert.FromHexString("82CA0007" + "01020304" + "07016100" + "0A0B0C0D" + "01026263" + "07016400" + "00000000" + "00000000");
        Assert.True(SourceDescription.TryFindCname(Only(packet), Them, out var cname));
        Assert.Equal("bc"u8.ToArray(), cname.ToArray());
        Assert.False(SourceDescription.TryFindCname(Only(packet), Us, out _));
    }

    [Fact]
    public void ReceiverReportHoldsAtMost31Blocks()
    {
        var blocks = Enumerable.Range(0, 40).Select(i => new ReportBlock(new Ssrc((uint)i), 0, i, 0, 0, 0, 0)).ToArray();
        var writer = new RtcpWriter(new byte[1200]);
        Assert.True(ReceiverReport.Write(ref writer, Us, blocks));
        Assert.True(ReceiverReport.TryRead(Only(writer.Written), out var read));
        Assert.Equal(31, read.Blocks.Count);
        for (var i = 0; i < 31; i++) Assert.Equal(blocks[i], read.Blocks[i]);
    }

    [Fact]
    public void Goodbye()
    {
        var writer = new RtcpWriter(new byte[16]);
        Assert.True(Realtime.Media.Rtcp.Goodbye.Write(ref writer, Us));
        Assert.Equal("81CB0001" + "01020304", Hex(writer));
        Assert.True(Realtime.Media.Rtcp.Goodbye.TryRead(Only(writer.Written), out var read));
        Assert.Equal(1, read.Count);
        Assert.Equal(Us, read[0]);
    }

    [Fact]
    public void RembReadsItsFloatingPoint()
    {
        var packet = Convert.FromHexString("8FCE0005" + "01020304" + "00000000" + "52454D42" + "010A03E8" + "0A0B0C0D");
        Assert.True(Remb.TryRead(Only(packet), out var remb));
        // Exponent 2, mantissa 0x203E8.
        Assert.Equal(new Bitrate(0x203E8L << 2), remb.Bitrate);
        Assert.Equal(1, remb.Count);
        Assert.Equal(Them, remb[0]);

        packet[17] = 0xFF;
        packet[18] = 0xFF;
        Assert.True(Remb.TryRead(Only(packet), out remb));
        Assert.Equal(long.MaxValue, remb.Bitrate.BitsPerSecond);
    }

    [Fact]
    public void TransportFeedbackHead()
    {
        var packet = Convert.FromHexString("8FCD0005" + "01020304" + "0A0B0C0D" + "00100003" + "FFFFFE07" + "20030000");
        Assert.True(TransportFeedback.TryRead(Only(packet), out var feedback));
        Assert.Equal(new TransportFeedback(Us, Them, new SequenceNumber(16), 3, -2, 7), feedback);
    }

    [Fact]
    public void AFullWriterKeepsWhatItHas()
    {
        var writer = new RtcpWriter(new byte[20]);
        Assert.True(new PictureLossIndication(Us, Them).Write(ref writer));
        Assert.False(new PictureLossIndication(Us, Them).Write(ref writer));
        Assert.True(writer.Overflowed);
        Assert.Equal(12, writer.Length);
        Only(writer.Written);
    }

    [Fact]
    public void AnyBytesAreReadOrRefused()
    {
        RandomInput.Check(RandomInput.Bytes(120), bytes =>
        {
            // Likely enough to be RTCP that the readers behind get to see something.
            for (var i = 0; i + 3 < bytes.Length; i += 16)
            {
                bytes[i] = (byte)((bytes[i] & 0x3F) | 0x80);
                bytes[i + 1] = (byte)(200 + (bytes[i + 1] % 8));
                bytes[i + 2] = 0;
                bytes[i + 3] = 3;
            }

            if (RtcpCompound.TryRead(bytes.AsSpan(0, bytes.Length & ~15), out var compound)) ReadAll(compound);
        }, count: 5000);
    }

    static void ReadAll(RtcpCompound compound)
    {
        foreach (var packet in compound)
        {
            if (SenderReport.TryRead(packet, out var sender)) Touch(sender.Blocks);
            if (ReceiverReport.TryRead(packet, out var receiver)) Touch(receiver.Blocks);
            if (GenericNack.TryRead(packet, out var nack)) foreach (var sequence in nack) _ = sequence;
            if (Realtime.Media.Rtcp.FullIntraRequest.TryRead(packet, out var fir)) _ = fir[fir.Count - 1];
            if (Remb.TryRead(packet, out var remb) && remb.Count > 0) _ = remb[remb.Count - 1];
            if (Realtime.Media.Rtcp.Goodbye.TryRead(packet, out var bye) && bye.Count > 0) _ = bye[bye.Count - 1];
            SourceDescription.TryFindCname(packet, Them, out _);
            Realtime.Media.Rtcp.PictureLossIndication.TryRead(packet, out _);
            TransportFeedback.TryRead(packet, out _);
        }
    }

    static void Touch(ReportBlocks blocks)
    {
        for (var i = 0; i < blocks.Count; i++) _ = blocks[i];
    }
}
