using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtp;

/// <summary>
/// Redundant audio (RFC 2198 §3): frames sent before, then the one that is new.
/// <code>
/// |1| block PT (7) | timestamp offset (14) | block length (10) |   for each frame sent before
/// |0| block PT (7) |                                             for the new one, which takes the rest
/// </code>
/// </summary>
public static class RedPayload
{
    const int BlockHeader = 4;
    const byte Follows = 0x80;

    /// <summary>Where the new frame begins, and its type. False when the lengths do not add up.</summary>
    public static bool TryReadPrimary(ReadOnlySpan<byte> payload, out int offset, out PayloadType type)
    {
        offset = 0;
        type = default;
        var (position, blocks) = (0, 0);
        while (true)
        {
            if (position >= payload.Length) return false;
            if ((payload[position] & Follows) == 0) break;
            if (payload.Length - position < BlockHeader) return false;
            blocks += (int)(BinaryPrimitives.ReadUInt32BigEndian(payload[position..]) & 0x3FF);
            position += BlockHeader;
        }

        type = new PayloadType(payload[position]);
        offset = position + 1 + blocks;
        return offset <= payload.Length;
    }

    /// <summary>Gives all frames another type. The payload must be one that <see cref="TryReadPrimary"/> accepted.</summary>
    public static void SetTypes(Span<byte> payload, PayloadType type)
    {
        var position = 0;
        for (; (payload[position] & Follows) != 0; position += BlockHeader) payload[position] = (byte)(Follows | type.Value);
        payload[position] = type.Value;
    }
}
