using System.Buffers.Binary;

namespace Realtime.Media.Ice;

/// <summary>FINGERPRINT (RFC 8489 §14.7): CRC-32 of the message up to the attribute, XORed with "STUN".</summary>
public static class StunFingerprint
{
    const uint Mask = 0x5354554E;
    const uint Polynomial = 0xEDB88320;

    static readonly uint[] Table = MakeTable();

    /// <summary>Whether the attribute is there and right.</summary>
    public static bool Verify(in StunMessage message) =>
        message.FingerprintOffset != 0
        && BinaryPrimitives.ReadUInt32BigEndian(message.Raw[(message.FingerprintOffset + 4)..]) == Compute(message.Raw[..message.FingerprintOffset]);

    /// <param name="head">The message up to the attribute, its header's length already counting the attribute's 8 bytes.</param>
    public static uint Compute(ReadOnlySpan<byte> head)
    {
        var crc = uint.MaxValue;
        foreach (var b in head) crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc ^ Mask;
    }

    static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var c = i;
            for (var bit = 0; bit < 8; bit++) c = (c & 1) != 0 ? Polynomial ^ (c >> 1) : c >> 1;
            table[i] = c;
        }

        return table;
    }
}
