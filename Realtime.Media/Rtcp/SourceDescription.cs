using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtcp;

/// <summary>
/// Names of sources; only the CNAME is of use here (RFC 3550 §6.5).
/// <code>chunk:  | SSRC | type (8) | length (8) | text … | … | 0, up to the next word |</code>
/// </summary>
public static class SourceDescription
{
    const byte End = 0;
    const byte Cname = 1;

    /// <summary>Walks to the chunk of one source. False when it is not there, has no CNAME, or the packet is malformed before it.</summary>
    /// <param name="cname">UTF-8.</param>
    public static bool TryFindCname(in RtcpPacket packet, Ssrc ssrc, out ReadOnlySpan<byte> cname)
    {
        cname = default;
        if (!packet.Is(RtcpPacketType.SourceDescription)) return false;
        var rest = packet.Body;
        for (var chunk = 0; chunk < packet.Header.Count; chunk++)
        {
            if (!TryReadChunk(ref rest, out var source, out var name)) return false;
            if (source != ssrc) continue;
            cname = name;
            return !name.IsEmpty;
        }

        return false;
    }

    /// <summary>One chunk with one CNAME.</summary>
    /// <param name="cname">1–255 bytes of UTF-8.</param>
    public static bool Write(ref RtcpWriter writer, Ssrc ssrc, scoped ReadOnlySpan<byte> cname)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cname.Length, byte.MaxValue);
        // At least one zero byte ends the list of items.
        var length = (4 + 2 + cname.Length + 1 + 3) & ~3;
        if (!writer.TryBegin(RtcpPacketType.SourceDescription, 1, length, out var body)) return false;
        body.UInt32(ssrc.Value);
        body.Byte(Cname);
        body.Byte((byte)cname.Length);
        body.Bytes(cname);
        return true;
    }

    static bool TryReadChunk(scoped ref ReadOnlySpan<byte> rest, out Ssrc ssrc, out ReadOnlySpan<byte> cname)
    {
        ssrc = default;
        cname = default;
        if (rest.Length < 8) return false;
        ssrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(rest));
        var position = 4;
        while (position < rest.Length && rest[position] != End)
        {
            if (rest.Length - position < 2) return false;
            var type = rest[position];
            int length = rest[position + 1];
            position += 2;
            if (rest.Length - position < length) return false;
            if (type == Cname) cname = rest.Slice(position, length);
            position += length;
        }

        if (position == rest.Length) return false;
        // The end byte and zeros up to the word.
        position = (position + 4) & ~3;
        rest = rest[Math.Min(position, rest.Length)..];
        return true;
    }
}
