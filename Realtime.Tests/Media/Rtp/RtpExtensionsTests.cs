using FsCheck.Fluent;
using Realtime.Media.Rtp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Rtp;

public class RtpExtensionsTests
{
    /// <summary>RFC 8285 §4.2's drawing: IDs of one, two (then padding) and four bytes.</summary>
    [Fact]
    public void OneByteForm()
    {
        var extensions = new RtpExtensions(0xBEDE, [0x10, 0xAA, 0x21, 0xBB, 0xBC, 0x00, 0x00, 0x33, 0xC1, 0xC2, 0xC3, 0xC4]);
        Assert.True(extensions.TryFind(1, out var value));
        Assert.Equal([0xAA], value.ToArray());
        Assert.True(extensions.TryFind(2, out value));
        Assert.Equal([0xBB, 0xBC], value.ToArray());
        Assert.True(extensions.TryFind(3, out value));
        Assert.Equal([0xC1, 0xC2, 0xC3, 0xC4], value.ToArray());
        Assert.False(extensions.TryFind(4, out _));
    }

    [Fact]
    public void TwoByteFormMayBeEmptyOrLong()
    {
        var longValue = new byte[200];
        longValue.AsSpan().Fill(7);
        var extensions = new RtpExtensions(0x1005, [20, 0, 0, 200, 200, .. longValue]);
        Assert.True(extensions.TryFind(20, out var value));
        Assert.True(value.IsEmpty);
        Assert.True(extensions.TryFind(200, out value));
        Assert.Equal(longValue, value.ToArray());
    }

    [Theory]
    [InlineData(0xBEDE, "10AA F0BB 30CC")] // ID 15 ends it
    [InlineData(0xBEDE, "10AA 03BB 30CC")] // so does ID 0 with a length
    [InlineData(0xBEDE, "10AA 2FBB")] // longer than the rest
    [InlineData(0x1000, "0101 AA02 05BB")]
    [InlineData(0x1000, "0101 AA02")]
    public void ReadingStopsAtWhatCannotBeRead(int profile, string hex)
    {
        var extensions = new RtpExtensions((ushort)profile, Convert.FromHexString(hex.Replace(" ", "")));
        var ids = new List<byte>();
        foreach (var element in extensions) ids.Add(element.Id);
        Assert.Equal([1], ids);
    }

    [Fact]
    public void OtherProfilesReadAsEmpty()
    {
        Assert.False(new RtpExtensions(0xABAC, [0x10, 0xAA, 0, 0]).TryFind(1, out _));
    }

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        var element = Gen.Choose(1, 255).SelectMany(id => RandomInput.Bytes(40).Select(value => (Id: (byte)id, Value: value)));
        RandomInput.Check(Gen.Choose(0, 8).SelectMany(count => element.ArrayOf(count)), elements =>
        {
            elements = [.. elements.DistinctBy(one => one.Id)];
            var read = RtpPacketBuilder.Elements(RtpPacketBuilder.Packet([1, 2, 3], elements));
            Assert.Equal(elements.ToDictionary(one => one.Id, one => one.Value), read);
        });
    }

    [Fact]
    public void WriterRefusesWhatDoesNotFit()
    {
        var tooLong = new RtpExtensionWriter(new byte[64], twoByte: false);
        tooLong.Add(1, new byte[17]);
        Assert.True(tooLong.Failed);
        Assert.Equal(0, tooLong.Finish());

        var tooSmall = new RtpExtensionWriter(new byte[7], twoByte: false);
        tooSmall.Add(1, [1, 2]);
        Assert.False(tooSmall.Failed);
        Assert.Equal(0, tooSmall.Finish());

        Assert.True(new RtpExtensionWriter(new byte[3], twoByte: false).Failed);
    }

    [Fact]
    public void EveryKindHasItsOwnUri()
    {
        foreach (var kind in Enum.GetValues<ExtensionKind>().Skip(1)) Assert.Equal(kind, ExtensionUri.Parse(ExtensionUri.Of(kind)));
        Assert.Equal(ExtensionKind.None, ExtensionUri.Parse("urn:unknown"));
        Assert.Equal(ExtensionKind.None, ExtensionUri.Parse(""));
    }

    [Fact]
    public void AnIdKeepsItsMeaning()
    {
        var map = new ExtensionMap();
        Assert.True(map.TryAdd(3, ExtensionKind.Mid));
        Assert.True(map.TryAdd(3, ExtensionKind.Mid));
        Assert.False(map.TryAdd(3, ExtensionKind.Rid));
        Assert.False(map.TryAdd(4, ExtensionKind.Mid));
        Assert.False(map.TryAdd(0, ExtensionKind.Rid));
        Assert.False(map.TryAdd(5, ExtensionKind.None));
        Assert.Equal(ExtensionKind.Mid, map.KindOf(3));
        Assert.Equal(3, map.IdOf(ExtensionKind.Mid));
        Assert.Equal(0, map.IdOf(ExtensionKind.Rid));
    }
}
