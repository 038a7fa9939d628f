using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Tests.Media.Harness;

/// <summary>One encoding of a simulcast of VP8: its name, its pictures' size, its temporal layers (0, or 0 2 1 2 with three).</summary>
/// <param name="PacketLength">Of each of its packets, of which a frame has three and a key frame ten.</param>
sealed record TestEncoding(string Rid, Ssrc Ssrc, ushort Width, ushort Height, int TemporalLayers = 1, int PacketLength = 900)
{
    /// <summary>The start of a layered packet: like the plain one, and which layer the picture is in (RFC 7741 §4.2).</summary>
    /// <param name="frame">Since the last key frame.</param>
    public void Write(Span<byte> body, bool isKey, bool isFirst, ushort pictureId, byte tl0PicIdx, long frame)
    {
        body[0] = (byte)(0x80 | (isFirst ? 0x10 : 0));
        body[1] = 0xE0;
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(pictureId | 0x8000));
        body[4] = tl0PicIdx;
        // The first two of the upper layers need nothing but the lowest one.
        body[5] = (byte)((Temporal(frame) << 6) | (frame % 4 is 1 or 2 ? 0x20 : 0));
        body[6] = (byte)(isKey ? 0x10 : 0x11);
        if (!isKey || !isFirst) return;
        ((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]).CopyTo(body[9..]);
        BinaryPrimitives.WriteUInt16LittleEndian(body[12..], Width);
        BinaryPrimitives.WriteUInt16LittleEndian(body[14..], Height);
    }

    public int Temporal(long frame) => TemporalLayers == 1 ? 0 : (frame % 4) switch { 0 => 0, 2 => 1, _ => 2 };
}
