using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Xunit;

namespace Realtime.Tests.Media.Rtp;

/// <summary>RTP packets for tests, written by the code under test's writers and checked by its known-answer tests.</summary>
static class RtpPacketBuilder
{
    public static readonly RtpHeaderFields Fields = new(true, new PayloadType(96), new SequenceNumber(0x1234), new RtpTimestamp(0xDEADBEEF), new Ssrc(0xCAFEBABE));

    public static byte[] Packet(ReadOnlySpan<byte> payload, params (byte Id, byte[] Value)[] extensions)
    {
        var twoByte = extensions.Any(extension => !RtpExtensionWriter.FitsOneByte(extension.Id, extension.Value.Length));
        var buffer = new byte[RtpHeader.MinLength + 4 + extensions.Sum(extension => extension.Value.Length + 2) + 4 + payload.Length];
        Assert.True(Fields.TryWrite(buffer));
        var length = RtpHeader.MinLength;
        if (extensions.Length > 0)
        {
            buffer[0] |= 0x10;
            var writer = new RtpExtensionWriter(buffer.AsSpan(length), twoByte);
            foreach (var (id, value) in extensions) writer.Add(id, value);
            var written = writer.Finish();
            Assert.NotEqual(0, written);
            length += written;
        }

        payload.CopyTo(buffer.AsSpan(length));
        return buffer[..(length + payload.Length)];
    }

    /// <summary>The elements by id, last one winning, as a receiver would see them.</summary>
    public static Dictionary<byte, byte[]> Elements(ReadOnlySpan<byte> packet)
    {
        Assert.True(RtpHeader.TryRead(packet, out var header));
        var elements = new Dictionary<byte, byte[]>();
        foreach (var element in header.Extensions(packet)) elements[element.Id] = element.Value.ToArray();
        return elements;
    }
}
