using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Realtime.Bench.Load;

/// <summary>
/// What every payload carries behind its codec's header, so that a receiver knows what it got, how old it is and whether it is whole:
/// <code>| magic (4) | source (4) | number (8) | sent, Unix ns (8) | CRC-32C of all but itself (4) | filler … |</code>
/// </summary>
readonly record struct Stamp(uint Source, long Number, long SentAt)
{
    public const int Length = 28;

    const uint Magic = 0x52544D42;
    const int ChecksumOffset = 24;

    /// <param name="body">From the stamp to the payload's end.</param>
    public void Write(Span<byte> body)
    {
        BinaryPrimitives.WriteUInt32BigEndian(body, Magic);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], Source);
        BinaryPrimitives.WriteInt64BigEndian(body[8..], Number);
        BinaryPrimitives.WriteInt64BigEndian(body[16..], SentAt);
        BinaryPrimitives.WriteUInt32BigEndian(body[ChecksumOffset..], Checksum(body));
    }

    /// <summary>False when the payload is not what was sent.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out Stamp stamp)
    {
        stamp = default;
        if (body.Length < Length || BinaryPrimitives.ReadUInt32BigEndian(body) != Magic) return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(body[ChecksumOffset..]) != Checksum(body)) return false;
        stamp = new Stamp(BinaryPrimitives.ReadUInt32BigEndian(body[4..]), BinaryPrimitives.ReadInt64BigEndian(body[8..]), BinaryPrimitives.ReadInt64BigEndian(body[16..]));
        return true;
    }

    static uint Checksum(ReadOnlySpan<byte> body) => Crc(Crc(uint.MaxValue, body[..ChecksumOffset]), body[Length..]);

    static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var b in bytes[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, b);
        return crc;
    }
}
