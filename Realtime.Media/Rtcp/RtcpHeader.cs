using System.Buffers.Binary;

namespace Realtime.Media.Rtcp;

/// <summary>
/// What every RTCP packet starts with (RFC 3550 §6.4).
/// <code>|V=2|P| count/FMT (5) | packet type (8) | length in words − 1 (16) |</code>
/// </summary>
/// <param name="Count">Reports, sources, or the feedback format.</param>
/// <param name="Length">Of the whole packet in bytes, this header and padding included.</param>
public readonly record struct RtcpHeader(RtcpPacketType Type, byte Count, int Length, bool HasPadding)
{
    public const int Size = 4;
    const int Version = 2;

    /// <summary>False when the version is wrong or the packet is longer than the span.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out RtcpHeader header)
    {
        header = default;
        if (bytes.Length < Size || bytes[0] >> 6 != Version) return false;
        var length = (BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) + 1) * 4;
        if (length > bytes.Length) return false;
        header = new RtcpHeader((RtcpPacketType)bytes[1], (byte)(bytes[0] & 0x1F), length, (bytes[0] & 0x20) != 0);
        return true;
    }

    /// <summary>The first word; <see cref="Length"/> must be a multiple of four.</summary>
    internal void Write(Span<byte> destination)
    {
        destination[0] = (byte)((Version << 6) | (HasPadding ? 0x20 : 0) | (Count & 0x1F));
        destination[1] = (byte)Type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)((Length / 4) - 1));
    }
}
