using Realtime.Media.Rtcp;
using Xunit;

namespace Realtime.Tests.Media.Rtcp;

public class RtcpCompoundTests
{
    const string EmptyReport = "80C90001" + "01020304";
    const string Pli = "81CE0002" + "01020304" + "0A0B0C0D";

    static List<RtcpPacketType>? Read(string hex)
    {
        if (!RtcpCompound.TryRead(Convert.FromHexString(hex), out var compound)) return null;
        var types = new List<RtcpPacketType>();
        foreach (var packet in compound) types.Add(packet.Header.Type);
        return types;
    }

    [Fact]
    public void CompoundAndReducedSize()
    {
        Assert.Equal([RtcpPacketType.ReceiverReport, RtcpPacketType.PayloadFeedback], Read(EmptyReport + Pli)!);
        Assert.Equal([RtcpPacketType.PayloadFeedback], Read(Pli)!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("80C9")]
    [InlineData("40C90001" + "01020304")] // version 1
    [InlineData("80C90002" + "01020304")] // longer than the datagram
    [InlineData(EmptyReport + "00")] // bytes left over
    [InlineData("A0C90002" + "01020304" + "00000004" + Pli)] // padding before the end
    [InlineData("A0C90002" + "01020304" + "00000000")]
    [InlineData("A0C90002" + "01020304" + "0000000C")]
    public void MalformedChainsAreRefusedWhole(string hex) => Assert.Null(Read(hex));

    /// <summary>As Chromium sends it: three packets received, and two bytes to the end of the word.</summary>
    [Fact]
    public void PaddingThatOnlyFillsAWordIsTakenOff()
    {
        Assert.True(RtcpCompound.TryRead(Convert.FromHexString("AFCD0006" + "01020304" + "0A0B0C0D" + "00100003" + "00000107" + "2003" + "01020300" + "0003"), out var compound));
        foreach (var packet in compound)
        {
            Assert.True(TransportFeedback.TryRead(packet, out var head));
            Assert.Equal(3, head.StatusCount);
            Assert.True(TransportFeedbackStatuses.TryRead(packet, head, out _));
        }
    }

    [Fact]
    public void PaddingIsTakenOff()
    {
        Assert.True(RtcpCompound.TryRead(Convert.FromHexString("A0C90003" + "01020304" + "00000000" + "00000008"), out var compound));
        var packets = compound.GetEnumerator();
        Assert.True(packets.MoveNext());
        Assert.Equal(4, packets.Current.Body.Length);
        Assert.True(ReceiverReport.TryRead(packets.Current, out _));
        Assert.False(packets.MoveNext());
    }

    /// <summary>A count that promises more than the length holds.</summary>
    [Theory]
    [InlineData("81C90001" + "01020304")]
    [InlineData("82CB0001" + "01020304")]
    [InlineData("81CD0002" + "01020304" + "0A0B0C0D")]
    [InlineData("84CE0002" + "01020304" + "00000000")]
    [InlineData("81CE0001" + "01020304")]
    public void CountsBeyondTheBodyAreRefused(string hex)
    {
        Assert.True(RtcpCompound.TryRead(Convert.FromHexString(hex), out var compound));
        foreach (var packet in compound)
        {
            Assert.False(ReceiverReport.TryRead(packet, out _));
            Assert.False(Goodbye.TryRead(packet, out _));
            Assert.False(GenericNack.TryRead(packet, out _));
            Assert.False(FullIntraRequest.TryRead(packet, out _));
            Assert.False(PictureLossIndication.TryRead(packet, out _));
        }
    }
}
