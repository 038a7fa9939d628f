using System.Buffers.Binary;

namespace Realtime.Media.Rtp;

/// <summary>
/// The running numbers of a payload descriptor, and where they stand: PictureID of VP8 (RFC 7741 §4.2) and VP9 (RFC 9628 §4.2), 7 or 15 bits
/// wide, and TL0PICIDX, 8 bits. All absent in a default value.
/// </summary>
public readonly struct PictureNumbers
{
    public bool HasPictureId => PictureIdBits != 0;

    /// <summary>7, 15, or 0 when absent.</summary>
    public int PictureIdBits { get; init; }

    public ushort PictureId { get; init; }

    public bool HasTl0PicIdx => Tl0PicIdxOffset != 0;

    public byte Tl0PicIdx { get; init; }

    internal int PictureIdOffset { get; init; }

    internal int Tl0PicIdxOffset { get; init; }

    /// <summary>Reads a picture id at the position and moves on. False when the payload ends before.</summary>
    internal static bool TryReadPictureId(ReadOnlySpan<byte> payload, ref int position, out ushort id, out int bits)
    {
        id = 0;
        bits = 0;
        if (payload.Length <= position) return false;
        bits = (payload[position] & 0x80) != 0 ? 15 : 7;
        id = (ushort)(payload[position++] & 0x7F);
        if (bits == 7) return true;
        if (payload.Length <= position) return false;
        id = (ushort)((id << 8) | payload[position++]);
        return true;
    }

    /// <summary>Overwrites the picture id, in the width it has; nothing when there is none.</summary>
    /// <param name="payload">The payload these were read from, or its copy.</param>
    public void SetPictureId(Span<byte> payload, ushort pictureId)
    {
        if (PictureIdBits == 15) BinaryPrimitives.WriteUInt16BigEndian(payload[PictureIdOffset..], (ushort)(pictureId | 0x8000));
        else if (PictureIdBits == 7) payload[PictureIdOffset] = (byte)(pictureId & 0x7F);
    }

    /// <summary>Overwrites TL0PICIDX; nothing when there is none.</summary>
    public void SetTl0PicIdx(Span<byte> payload, byte value)
    {
        if (HasTl0PicIdx) payload[Tl0PicIdxOffset] = value;
    }
}
