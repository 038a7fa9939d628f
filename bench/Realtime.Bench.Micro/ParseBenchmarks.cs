using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Realtime.Media.Core;
using Realtime.Media.Peers;
using Realtime.Media.Rtp;

namespace Realtime.Bench.Micro;

/// <summary>What every packet that comes in is asked: what it is, its header, its extensions, where a picture starts.</summary>
public class ParseBenchmarks
{
    readonly byte[] packet = new byte[1200];

    [GlobalSetup]
    public void Build()
    {
        new RtpHeaderFields(true, new PayloadType(96), new SequenceNumber(4711), new RtpTimestamp(90_000), new Ssrc(7)).TryWrite(packet);
        packet[0] |= 0x10;
        var extensions = new RtpExtensionWriter(packet.AsSpan(RtpHeader.MinLength), twoByte: false);
        extensions.Add(2, [1, 2, 3]);
        extensions.Add(4, "0"u8);
        var payload = packet.AsSpan(RtpHeader.MinLength + extensions.Finish());
        payload[0] = 0x90;
        payload[1] = 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], 0x8123);
    }

    [Benchmark]
    public DatagramKind Classify() => DatagramKinds.Classify(packet);

    [Benchmark]
    public bool Header() => RtpHeader.TryRead(packet, out _);

    [Benchmark]
    public int HeaderExtensionsAndDescriptor()
    {
        if (!RtpHeader.TryRead(packet, out var header)) return 0;
        var found = header.Extensions(packet).TryFind(4, out var mid) ? mid.Length : 0;
        return Vp8Descriptor.TryRead(header.Payload(packet), out var descriptor) ? found + descriptor.Length : found;
    }
}
