using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Dtls;

/// <summary>
/// The header of one DTLS 1.2 record (RFC 6347 §4.1).
/// <code>
/// | type (1) | version (2) | epoch (2) | sequence number (6) | length (2) | fragment …
/// </code>
/// </summary>
readonly record struct DtlsRecord(byte Type, ushort Epoch, int Length)
{
    public const int HeaderSize = 13;
    public const int SequenceOffset = 5;
    public const byte ChangeCipherSpec = 20;
    public const byte Alert = 21;
    public const byte Handshake = 22;
    public const byte ApplicationData = 23;

    const byte ClientHelloMessage = 1;
    const int HandshakeHeaderSize = 12;

    /// <summary>No handshake message of WebRTC comes near it.</summary>
    const int MaxHandshakeMessage = 16 << 10;

    /// <summary>Header and fragment.</summary>
    public int Size => HeaderSize + Length;

    /// <summary>Whether the first byte can begin a DTLS record (RFC 7983).</summary>
    public static bool IsDtls(ReadOnlySpan<byte> datagram) => datagram.Length >= HeaderSize && datagram[0] is >= 20 and <= 63;

    /// <summary>The record at the start of <paramref name="bytes"/>; false when the header is none of DTLS 1.0–1.2 or the record is cut short.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out DtlsRecord record)
    {
        record = default;
        var reader = new SpanReader(bytes);
        if (!reader.TryReadByte(out var type) || type is < ChangeCipherSpec or > ApplicationData) return false;
        if (!reader.TryReadUInt16(out var version) || version is not (0xFEFF or 0xFEFD)) return false;
        if (!reader.TryReadUInt16(out var epoch) || !reader.TrySkip(6) || !reader.TryReadUInt16(out var length)) return false;
        if (length == 0 || reader.Remaining < length) return false;
        record = new DtlsRecord(type, epoch, length);
        return true;
    }

    /// <summary>
    /// Whether OpenSSL may see the datagram: whole records to its end, epochs 0 and 1 (there is no renegotiation), and handshake
    /// fragments that fit their message, which is not absurdly long.
    /// </summary>
    public static bool IsSane(ReadOnlySpan<byte> datagram)
    {
        while (!datagram.IsEmpty)
        {
            if (!TryRead(datagram, out var record) || record.Epoch > 1) return false;
            if (record is { Epoch: 0, Type: Handshake } && !IsSaneHandshake(datagram.Slice(HeaderSize, record.Length))) return false;
            datagram = datagram[record.Size..];
        }

        return true;
    }

    /// <summary>Whether a record of this type is in the (sane) datagram.</summary>
    public static bool Contains(ReadOnlySpan<byte> datagram, byte type)
    {
        while (TryRead(datagram, out var record))
        {
            if (record.Type == type) return true;
            datagram = datagram[record.Size..];
        }

        return false;
    }

    /// <summary>Whether the (sane) datagram starts with a ClientHello, or a fragment of it.</summary>
    public static bool IsClientHello(ReadOnlySpan<byte> datagram) =>
        TryRead(datagram, out var record) && record is { Type: Handshake, Epoch: 0 } && datagram[HeaderSize] == ClientHelloMessage;

    // | message type (1) | length (3) | sequence (2) | fragment offset (3) | fragment length (3) |, repeated (RFC 6347 §4.2.2)
    static bool IsSaneHandshake(ReadOnlySpan<byte> fragment)
    {
        while (!fragment.IsEmpty)
        {
            if (fragment.Length < HandshakeHeaderSize) return false;
            var length = UInt24(fragment[1..]);
            var offset = UInt24(fragment[6..]);
            var fragmentLength = UInt24(fragment[9..]);
            if (length > MaxHandshakeMessage || offset + fragmentLength > length || fragment.Length - HandshakeHeaderSize < fragmentLength) return false;
            fragment = fragment[(HandshakeHeaderSize + fragmentLength)..];
        }

        return true;
    }

    static int UInt24(ReadOnlySpan<byte> bytes) => (bytes[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]);
}
