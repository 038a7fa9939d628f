using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Streams;
using Realtime.Tests.Media.Harness;
using Realtime.Tests.Media.Rtp;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>Everything that reads or rewrites an opened packet: header, extensions, payload descriptors, RTX.</summary>
public sealed class RtpFuzz
{
    static readonly Realtime.Media.Sdp.Codec[] Codecs = [TestCodecs.Vp8()[0], TestCodecs.Vp9()[0], TestCodecs.H264()[0], TestCodecs.Av1()[0]];

    readonly byte[] copy = new byte[4096];
    readonly byte[] header = new byte[4096];
    readonly ExtensionMap publisher = Map(offset: 0);
    readonly ExtensionMap[] subscribers = [Map(offset: 0), Map(offset: 5), new ExtensionMap()];
    readonly PayloadReader[] readers = [.. Codecs.Select(codec => new PayloadReader(codec))];

    [Fact]
    public void Every_packet_is_refused_or_read_and_rewritten_within_its_bounds() =>
        new Fuzzer("rtp", 60_000, Corpus()) { AllowedBytes = 0 }.Run(Check);

    void Check(byte[] packet)
    {
        PacketKindReader.Classify(packet);
        if (RtpHeader.TryReadProtected(packet, out var shell)) Promise.Holds(shell.HeaderLength + shell.PayloadLength == packet.Length, "header and payload are the packet");
        if (!RtpHeader.TryRead(packet, out var read)) return;
        Promise.Holds(read.HeaderLength + read.PayloadLength + read.PaddingLength == packet.Length, "header, payload and padding are the packet");

        var elements = 0;
        foreach (var element in read.Extensions(packet))
        {
            Promise.Holds(++elements <= packet.Length, "extensions end");
            if (element.Value.Length >= DependencyDescriptor.MandatoryLength) DependencyDescriptor.FrameNumber(element.Value);
            if (LayersAllocation.TryRead(element.Value, out var allocation)) allocation.TryTopSize(2, out _, out _);
            AudioLevel.TryRead(element.Value, out _);
        }

        for (byte id = 1; id < 16; id++) read.Extensions(packet).TryFind(id, out _);
        var payload = read.Payload(packet);
        for (var i = 0; i < readers.Length; i++)
        {
            readers[i].StartsKeyframe(payload, out var numbers);
            payload.CopyTo(copy);
            if (numbers.HasPictureId) numbers.SetPictureId(copy.AsSpan(0, payload.Length), 0x1234);
            if (numbers.HasTl0PicIdx) numbers.SetTl0PicIdx(copy.AsSpan(0, payload.Length), 9);
        }

        if (Vp8Descriptor.TryRead(payload, out var vp8)) Promise.Holds(vp8.Length <= payload.Length, "a descriptor is part of the payload");
        foreach (var subscriber in subscribers) Rewrite(packet, read, subscriber);
        packet.CopyTo(copy, 0);
        if (RtxPayload.TryUndo(copy.AsSpan(0, packet.Length), read, new PayloadType(96), new Ssrc(1), out var original))
            Promise.Holds(RtpHeader.TryRead(original, out var undone) && undone.PayloadLength == read.PayloadLength - RtxPayload.OsnLength, "RTX gives a packet back");
    }

    void Rewrite(byte[] packet, in RtpHeader read, ExtensionMap subscriber)
    {
        var forwarded = new ForwardedHeader(RtpPacketBuilder.Fields, "12"u8, AbsSendTime.At(Instant.FromMilliseconds(5)));
        var room = packet.Length + 96;
        if (!ExtensionRewriter.TryWrite(packet, read, publisher, subscriber, forwarded, header.AsSpan(0, room), out var written)) return;
        Promise.Holds(written.Length <= room, "a header ends within its buffer");
        Promise.Holds(RtpHeader.TryRead(header.AsSpan(0, written.Length), out var again) && again.HeaderLength == written.Length, "what was written can be read");
        var (_, length) = written.DependencyDescriptor.GetOffsetAndLength(written.Length);
        Promise.Holds(length <= written.Length, "a descriptor lies in the header");
    }

    static ExtensionMap Map(int offset)
    {
        var map = new ExtensionMap();
        for (var kind = 1; kind < ExtensionUri.KindCount; kind++) map.TryAdd((byte)(kind + offset), (ExtensionKind)kind);
        return map;
    }

    public static List<byte[]> Corpus()
    {
        var packets = new List<byte[]>();
        foreach (var codec in Codecs)
        {
            foreach (var isKey in new[] { false, true })
            {
                var body = new byte[40];
                TestPayloads.Write(codec, body, isKey, isFirst: true, 0x1234, 7);
                packets.Add(RtpPacketBuilder.Packet(body, ((byte)ExtensionKind.Mid, "0"u8.ToArray()), ((byte)ExtensionKind.AudioLevel, [0x85])));
                packets.Add(RtpPacketBuilder.Packet(body, ((byte)ExtensionKind.DependencyDescriptor, new byte[24]), ((byte)ExtensionKind.ColorSpace, new byte[28])));
            }
        }

        byte[] plain = RtpPacketBuilder.Packet("payload"u8);
        byte[] padded = [.. plain, 0, 0, 3];
        padded[0] |= 0x20;
        byte[] contributed = [.. plain[..12], .. new byte[8], .. plain[12..]];
        contributed[0] |= 2;
        return [.. packets, plain, padded, contributed, [0x80, 0x80]];
    }
}
