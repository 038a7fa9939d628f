using System.Text;
using FsCheck.Fluent;
using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Tests.Harness;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Rtp;

public class ExtensionRewriterTests
{
    static readonly AbsSendTime SentAt = new(0x123456);
    static readonly ExtensionKind[] Kinds = [.. Enum.GetValues<ExtensionKind>().Skip(1)];

    static ExtensionMap Map(params (byte Id, ExtensionKind Kind)[] entries)
    {
        var map = new ExtensionMap();
        foreach (var (id, kind) in entries) Assert.True(map.TryAdd(id, kind));
        return map;
    }

    static byte[] Rewrite(byte[] packet, ExtensionMap publisher, ExtensionMap subscriber, string mid, out WrittenHeader written)
    {
        Assert.True(RtpHeader.TryRead(packet, out var header));
        var destination = new byte[2000];
        destination.AsSpan().Fill(0xEE);
        var fields = new RtpHeaderFields(header.Marker, new PayloadType(100), new SequenceNumber(77), header.Timestamp, new Ssrc(5));
        Assert.True(ExtensionRewriter.TryWrite(
            packet, header, publisher, subscriber, new ForwardedHeader(fields, Encoding.ASCII.GetBytes(mid), SentAt), destination, out written));
        header.Payload(packet).CopyTo(destination.AsSpan(written.Length));
        Assert.Equal(0xEE, destination[written.Length + header.PayloadLength]);
        return destination[..(written.Length + header.PayloadLength)];
    }

    [Fact]
    public void IdsAreMappedAndTheHopsOwnAreWrittenFresh()
    {
        var publisher = Map((1, ExtensionKind.AudioLevel), (2, ExtensionKind.AbsSendTime), (3, ExtensionKind.TransportCc), (4, ExtensionKind.Mid), (10, ExtensionKind.Rid));
        var subscriber = Map((7, ExtensionKind.AudioLevel), (8, ExtensionKind.AbsSendTime), (9, ExtensionKind.TransportCc), (1, ExtensionKind.Mid), (2, ExtensionKind.Rid));
        var packet = RtpPacketBuilder.Packet([0xAB, 0xCD], (1, [0x85]), (2, [9, 9, 9]), (3, [9, 9]), (4, "0"u8.ToArray()), (10, "q"u8.ToArray()), (13, [1]));

        var output = Rewrite(packet, publisher, subscriber, "12", out var written);

        var elements = RtpPacketBuilder.Elements(output);
        Assert.Equal(new byte[] { 1, 7, 8, 9 }, elements.Keys.Order());
        Assert.Equal("12"u8.ToArray(), elements[1]);
        Assert.Equal([0x85], elements[7]);
        Assert.Equal([0x12, 0x34, 0x56], elements[8]);
        Assert.Equal([0, 0], elements[9]);
        output[written.TransportSequenceOffset] = 0xF0;
        output[written.AbsSendTimeOffset] = 0xF1;
        elements = RtpPacketBuilder.Elements(output);
        Assert.Equal([0xF0, 0], elements[9]);
        Assert.Equal([0xF1, 0x34, 0x56], elements[8]);

        Assert.True(RtpHeader.TryRead(output, out var header));
        Assert.Equal(RtpExtensions.OneByteProfile, header.ExtensionProfile);
        Assert.Equal(new PayloadType(100), header.PayloadType);
        Assert.Equal(new SequenceNumber(77), header.Sequence);
        Assert.Equal(new Ssrc(5), header.Ssrc);
        Assert.Equal([0xAB, 0xCD], header.Payload(output).ToArray());
    }

    [Fact]
    public void NothingNegotiatedLeavesNoExtension()
    {
        var packet = RtpPacketBuilder.Packet([1], (1, [0x85]));
        var output = Rewrite(packet, Map((1, ExtensionKind.AudioLevel)), new ExtensionMap(), "0", out var written);
        Assert.Equal(new WrittenHeader(RtpHeader.MinLength, 0, 0, default), written);
        Assert.True(RtpHeader.TryRead(output, out var header));
        Assert.False(header.HasExtension);
    }

    [Fact]
    public void TwoByteFormOnlyWhereNeededAndAllowed()
    {
        var publisher = Map((12, ExtensionKind.DependencyDescriptor), (1, ExtensionKind.VideoOrientation));
        var descriptor = new byte[30];
        var packet = RtpPacketBuilder.Packet([1], (12, descriptor), (1, [1]));
        var subscriber = Map((3, ExtensionKind.DependencyDescriptor), (5, ExtensionKind.VideoOrientation));

        Assert.True(RtpHeader.TryRead(Rewrite(packet, publisher, subscriber, "", out _), out var header));
        Assert.Equal(RtpExtensions.TwoByteProfile, header.ExtensionProfile);

        subscriber.AllowsTwoByte = false;
        var output = Rewrite(packet, publisher, subscriber, "", out _);
        Assert.True(RtpHeader.TryRead(output, out header));
        Assert.Equal(RtpExtensions.OneByteProfile, header.ExtensionProfile);
        Assert.Equal(new byte[] { 5 }, RtpPacketBuilder.Elements(output).Keys);
    }

    [Fact]
    public void ContributingSourcesAreKeptAndPaddingIsNot()
    {
        byte[] packet =
        [
            0xA1, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3,
            0x11, 0x22, 0x33, 0x44,
            0xAA, 0xBB, 0x00, 0x02,
        ];
        var output = Rewrite(packet, new ExtensionMap(), Map((4, ExtensionKind.Mid)), "a", out _);
        Assert.True(RtpHeader.TryRead(output, out var header));
        Assert.Equal(1, header.CsrcCount);
        Assert.Equal([0x11, 0x22, 0x33, 0x44], output[12..16]);
        Assert.Equal([0xAA, 0xBB], header.Payload(output).ToArray());
        Assert.Equal(0, header.PaddingLength);
    }

    [Fact]
    public void ShortDestinationIsRefusedAtEveryLength()
    {
        var publisher = Map((1, ExtensionKind.AudioLevel));
        var subscriber = Map((1, ExtensionKind.AudioLevel), (2, ExtensionKind.AbsSendTime), (4, ExtensionKind.Mid));
        var packet = RtpPacketBuilder.Packet([1], (1, [0x85]));
        Assert.True(RtpHeader.TryRead(packet, out var header));
        var needed = Rewrite(packet, publisher, subscriber, "0", out _).Length - 1;
        for (var length = 0; length < needed; length++)
        {
            Assert.False(ExtensionRewriter.TryWrite(
                packet, header, publisher, subscriber, new ForwardedHeader(RtpPacketBuilder.Fields, "0"u8, SentAt), new byte[length], out _));
        }
    }

    /// <summary>For any two maps and any elements: what comes out is exactly what both negotiated, under the subscriber's ids.</summary>
    [Fact]
    public void AnyMapsGiveWhatBothNegotiated()
    {
        var map = Gen.Choose(1, 255).ArrayOf(Kinds.Length).Two().Select(pair => (
            Publisher: Kinds.Zip(pair.Item1, (kind, id) => (Id: (byte)id, Kind: kind)).DistinctBy(entry => entry.Id).ToArray(),
            Subscriber: Kinds.Zip(pair.Item2, (kind, id) => (Id: (byte)(id % 3 == 0 ? id : 1 + (id % 14)), Kind: kind)).DistinctBy(entry => entry.Id).ToArray()));
        var values = RandomInput.Bytes(20).ArrayOf(Kinds.Length);
        RandomInput.Check(map.Zip(values, (maps, bytes) => (maps.Publisher, maps.Subscriber, Values: bytes)), input =>
        {
            var sent = input.Publisher.Select((entry, i) => (entry.Id, Value: input.Values[i])).ToArray();
            var output = Rewrite(RtpPacketBuilder.Packet([1, 2, 3], sent), Map(input.Publisher), Map(input.Subscriber), "7", out _);

            var expected = new Dictionary<byte, byte[]>();
            foreach (var (id, kind) in input.Subscriber)
            {
                var index = Array.FindIndex(input.Publisher, entry => entry.Kind == kind);
                switch (kind)
                {
                    case ExtensionKind.Mid: expected[id] = "7"u8.ToArray(); break;
                    case ExtensionKind.TransportCc: expected[id] = [0, 0]; break;
                    case ExtensionKind.AbsSendTime: expected[id] = [0x12, 0x34, 0x56]; break;
                    case ExtensionKind.Rid or ExtensionKind.RepairedRid or ExtensionKind.TransmissionOffset or ExtensionKind.VideoLayersAllocation: break;
                    default:
                        if (index >= 0) expected[id] = input.Values[index];
                        break;
                }
            }

            Assert.Equal(expected.OrderBy(one => one.Key), RtpPacketBuilder.Elements(output).OrderBy(one => one.Key));
        });
    }

    [Fact]
    public void ReadingAndRewritingAllocateNothing()
    {
        var publisher = Map((1, ExtensionKind.AudioLevel), (2, ExtensionKind.AbsSendTime), (3, ExtensionKind.TransportCc), (4, ExtensionKind.Mid));
        var subscriber = Map((5, ExtensionKind.AudioLevel), (6, ExtensionKind.AbsSendTime), (7, ExtensionKind.TransportCc), (8, ExtensionKind.Mid));
        var packet = RtpPacketBuilder.Packet(new byte[1000], (1, [0x85]), (2, [9, 9, 9]), (3, [9, 9]), (4, "0"u8.ToArray()));
        var destination = new byte[1500];
        Assert.True(Once());
        Assert.True(Once());

        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 10_000; i++) Once();
        }));

        bool Once() => RtpHeader.TryRead(packet, out var header)
            && ExtensionRewriter.TryWrite(packet, header, publisher, subscriber, new ForwardedHeader(RtpPacketBuilder.Fields, "12"u8, SentAt), destination, out _)
            && (Vp8Descriptor.TryRead(header.Payload(packet), out _) || true);
    }
}
