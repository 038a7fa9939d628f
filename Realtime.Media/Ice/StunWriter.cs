using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Ice;

/// <summary>
/// Writes one STUN message into a span: attributes first, then <see cref="Finish"/>, which closes it with MESSAGE-INTEGRITY (when given a
/// key) and FINGERPRINT. A message that does not fit has length 0.
/// </summary>
public ref struct StunWriter
{
    readonly Span<byte> buffer;
    SpanWriter writer;

    public StunWriter(Span<byte> buffer, StunClass messageClass, ReadOnlySpan<byte> transactionId)
    {
        this.buffer = buffer.Length > StunMessage.MaxSize ? buffer[..StunMessage.MaxSize] : buffer;
        writer = new SpanWriter(this.buffer);
        writer.UInt16((ushort)((ushort)messageClass | 0x0001));
        writer.UInt16(0);
        writer.UInt32(StunMessage.MagicCookie);
        writer.Bytes(transactionId[..StunMessage.TransactionIdSize]);
    }

    public void Bytes(StunAttribute attribute, scoped ReadOnlySpan<byte> value)
    {
        writer.UInt16((ushort)attribute);
        writer.UInt16((ushort)value.Length);
        writer.Bytes(value);
        writer.Zero(-value.Length & 3);
    }

    public void Flag(StunAttribute attribute) => Bytes(attribute, default);

    public void UInt32(StunAttribute attribute, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Bytes(attribute, bytes);
    }

    public void UInt64(StunAttribute attribute, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Bytes(attribute, bytes);
    }

    /// <summary>ERROR-CODE without a reason phrase (RFC 8489 §14.8).</summary>
    public void Error(int code) => UInt32(StunAttribute.ErrorCode, (uint)(((code / 100) << 8) | (code % 100)));

    /// <summary>UNKNOWN-ATTRIBUTES with one of them (RFC 8489 §14.13).</summary>
    public void UnknownAttribute(ushort attribute)
    {
        Span<byte> value = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(value, attribute);
        Bytes(StunAttribute.UnknownAttributes, value);
    }

    /// <summary>XOR-MAPPED-ADDRESS (RFC 8489 §14.2).</summary>
    public void XorMappedAddress(in NetAddress address)
    {
        Span<byte> value = stackalloc byte[20];
        value[0] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ (StunMessage.MagicCookie >> 16)));
        if (address.IsIPv4)
        {
            value[1] = 1;
            BinaryPrimitives.WriteUInt32BigEndian(value[4..], address.IPv4 ^ StunMessage.MagicCookie);
            Bytes(StunAttribute.XorMappedAddress, value[..8]);
            return;
        }

        value[1] = 2;
        BinaryPrimitives.WriteUInt64BigEndian(value[4..], address.High);
        BinaryPrimitives.WriteUInt64BigEndian(value[12..], address.Low);
        for (var i = 0; i < 16; i++) value[4 + i] ^= buffer.Length >= StunMessage.HeaderSize ? buffer[4 + i] : (byte)0;
        Bytes(StunAttribute.XorMappedAddress, value);
    }

    /// <summary>The message's length, or 0 when the buffer was too small.</summary>
    /// <param name="key">Empty: no MESSAGE-INTEGRITY.</param>
    public int Finish(ReadOnlySpan<byte> key)
    {
        if (!key.IsEmpty && !writer.Overflowed)
        {
            Span<byte> mac = stackalloc byte[MessageIntegrity.Size];
            MessageIntegrity.Compute(writer.Written, key, mac);
            Bytes(StunAttribute.MessageIntegrity, mac);
        }

        var head = writer.Position;
        UInt32(StunAttribute.Fingerprint, 0);
        if (writer.Overflowed) return 0;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)(writer.Position - StunMessage.HeaderSize));
        BinaryPrimitives.WriteUInt32BigEndian(buffer[(head + 4)..], StunFingerprint.Compute(buffer[..head]));
        return writer.Position;
    }
}
