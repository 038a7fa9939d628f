using System.Buffers.Binary;

namespace Realtime.Client.Media;

/// <summary>
/// Cuts a VP8 frame into payloads (RFC 7741 §4.2, §4.4), with a running picture id of 15 bits: a receiver, and the server that leaves some pictures out for a slow one, sees by it what is missing.
/// <code>
/// |X=1|R|N|S|R| PID=0 | I=1|L|T|K|RSV | M=1| PictureID (15) | VP8 …
/// </code>
/// </summary>
struct Vp8Packets(ushort firstPictureId)
{
    public const int DescriptorLength = 4;

    const byte ExtendedBit = 0x80;
    const byte StartBit = 0x10;
    const byte PictureIdBit = 0x80;
    const ushort LongPictureId = 0x8000;

    ushort _pictureId = (ushort)(firstPictureId & 0x7FFF);

    /// <summary>The first bit of a frame says that it is none (RFC 6386 §9.1).</summary>
    public static bool IsKeyFrame(ReadOnlySpan<byte> frame) => !frame.IsEmpty && (frame[0] & 1) == 0;

    /// <summary>The next frame has the next number.</summary>
    public void NextFrame() => _pictureId = (ushort)((_pictureId + 1) & 0x7FFF);

    /// <summary>One payload of the current frame: its descriptor and as much of the rest as fits.</summary>
    /// <param name="rest">What is left to be sent.</param>
    /// <returns>Bytes of the payload.</returns>
    public readonly int Write(bool isFirst, ref ReadOnlySpan<byte> rest, Span<byte> payload)
    {
        payload[0] = (byte)(ExtendedBit | (isFirst ? StartBit : 0));
        payload[1] = PictureIdBit;
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)(_pictureId | LongPictureId));
        var length = Math.Min(rest.Length, payload.Length - DescriptorLength);
        rest[..length].CopyTo(payload[DescriptorLength..]);
        rest = rest[length..];
        return DescriptorLength + length;
    }
}
