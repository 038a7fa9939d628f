using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Realtime.Media.Ice;

/// <summary>
/// MESSAGE-INTEGRITY (RFC 8489 §14.5): HMAC-SHA1 over the message up to the attribute, with the header's length set as if the
/// message ended after it. Allocates nothing.
/// </summary>
public static class MessageIntegrity
{
    public const int Size = HMACSHA1.HashSizeInBytes;

    /// <summary>Whether the attribute is there and right under this key; compared in constant time.</summary>
    public static bool Verify(in StunMessage message, ReadOnlySpan<byte> key)
    {
        if (message.IntegrityOffset == 0) return false;
        Span<byte> expected = stackalloc byte[Size];
        Compute(message.Raw[..message.IntegrityOffset], key, expected);
        return CryptographicOperations.FixedTimeEquals(expected, message.Raw.Slice(message.IntegrityOffset + 4, Size));
    }

    /// <param name="head">The message from its header to just before the attribute, at most <see cref="StunMessage.MaxSize"/> bytes.</param>
    public static void Compute(ReadOnlySpan<byte> head, ReadOnlySpan<byte> key, Span<byte> mac)
    {
        Span<byte> copy = stackalloc byte[StunMessage.MaxSize];
        head.CopyTo(copy);
        BinaryPrimitives.WriteUInt16BigEndian(copy[2..], (ushort)(head.Length - StunMessage.HeaderSize + 4 + Size));
        HMACSHA1.HashData(key, copy[..head.Length], mac);
    }
}
