using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Ice;

/// <summary>
/// One STUN message, read in place (RFC 8489 §5).
/// <code>
///  0                   1                   2                   3
/// |0 0|     type: method + class  |            length             |
/// |                    magic cookie 0x2112A442                    |
/// |                  transaction id (96 bits)                     |
/// |  attribute type               |            length             |  value, padded to 4 bytes
/// </code>
/// Of a repeated attribute the first counts; what follows MESSAGE-INTEGRITY is ignored save FINGERPRINT, which must be last.
/// </summary>
public readonly ref struct StunMessage
{
    public const int HeaderSize = 20;
    public const int TransactionIdSize = 12;
    public const uint MagicCookie = 0x2112A442;

    /// <summary>A connectivity check is about 100 bytes; anything above the smallest IPv6 MTU is no check.</summary>
    public const int MaxSize = 1280;

    const ushort BindingMethod = 0x0001;
    const ushort ClassMask = 0x0110;

    public ReadOnlySpan<byte> Raw { get; private init; }
    public StunClass Class { get; private init; }
    public bool IsBinding { get; private init; }
    public ReadOnlySpan<byte> TransactionId => Raw.Slice(8, TransactionIdSize);

    /// <summary>Empty when absent; in a check "local:remote" as seen by the receiver.</summary>
    public ReadOnlySpan<byte> Username { get; private init; }
    public NetAddress? MappedAddress { get; private init; }
    public uint? Priority { get; private init; }
    public bool UseCandidate { get; private init; }

    /// <summary>The tie-breaker, when the sender believes itself controlling.</summary>
    public ulong? Controlling { get; private init; }

    /// <summary>The tie-breaker, when the sender believes itself controlled.</summary>
    public ulong? Controlled { get; private init; }

    /// <summary>300–699, or 0 when absent.</summary>
    public int ErrorCode { get; private init; }
    public ReadOnlySpan<byte> Software { get; private init; }

    /// <summary>The first comprehension-required attribute that is not understood here, or 0.</summary>
    public ushort UnknownRequired { get; private init; }

    /// <summary>Where the MESSAGE-INTEGRITY attribute starts, or 0.</summary>
    public int IntegrityOffset { get; private init; }

    /// <summary>Where the FINGERPRINT attribute starts, or 0.</summary>
    public int FingerprintOffset { get; private init; }

    public bool IsBindingRequest => IsBinding && Class == StunClass.Request;

    /// <summary>Whether the first byte can begin a STUN message (RFC 7983).</summary>
    public static bool IsStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderSize && datagram[0] < 4 && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == MagicCookie;

    /// <summary>By its type alone (RFC 8489 §5): a keepalive, which nobody answers and nothing proves.</summary>
    public static bool IsIndication(ReadOnlySpan<byte> datagram) => datagram.Length >= 2 && (datagram[0] & 1) == 0 && (datagram[1] & 0x10) != 0;

    public static bool TryRead(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        if (datagram.Length > MaxSize || !IsStun(datagram)) return false;
        var type = BinaryPrimitives.ReadUInt16BigEndian(datagram);
        var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if (length != datagram.Length - HeaderSize || length % 4 != 0) return false;

        ReadOnlySpan<byte> username = default, software = default;
        NetAddress? mapped = null;
        uint? priority = null;
        ulong? controlling = null, controlled = null;
        var useCandidate = false;
        int error = 0, integrity = 0, fingerprint = 0;
        ushort unknown = 0;

        for (var at = HeaderSize; at < datagram.Length;)
        {
            if (fingerprint != 0 || datagram.Length - at < 4) return false;
            var attribute = BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            int size = BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]);
            var padded = (size + 3) & ~3;
            if (datagram.Length - at - 4 < padded) return false;
            var value = datagram.Slice(at + 4, size);

            if (integrity == 0 || attribute == (ushort)StunAttribute.Fingerprint)
            {
                switch ((StunAttribute)attribute)
                {
                    case StunAttribute.Username:
                        if (username.IsEmpty) username = value;
                        break;
                    case StunAttribute.Software:
                        if (software.IsEmpty) software = value;
                        break;
                    case StunAttribute.MessageIntegrity:
                        if (size != MessageIntegrity.Size) return false;
                        integrity = at;
                        break;
                    case StunAttribute.Fingerprint:
                        if (size != 4) return false;
                        fingerprint = at;
                        break;
                    case StunAttribute.Priority:
                        if (size != 4) return false;
                        priority ??= BinaryPrimitives.ReadUInt32BigEndian(value);
                        break;
                    case StunAttribute.UseCandidate:
                        useCandidate = true;
                        break;
                    case StunAttribute.IceControlling:
                        if (size != 8) return false;
                        controlling ??= BinaryPrimitives.ReadUInt64BigEndian(value);
                        break;
                    case StunAttribute.IceControlled:
                        if (size != 8) return false;
                        controlled ??= BinaryPrimitives.ReadUInt64BigEndian(value);
                        break;
                    case StunAttribute.XorMappedAddress:
                        if (!TryReadXorAddress(value, datagram.Slice(4, 16), out var address)) return false;
                        mapped ??= address;
                        break;
                    case StunAttribute.ErrorCode:
                        if (size < 4 || (value[2] & 7) is < 3 or > 6 || value[3] > 99) return false;
                        error = error == 0 ? ((value[2] & 7) * 100) + value[3] : error;
                        break;
                    case StunAttribute.MappedAddress or StunAttribute.UnknownAttributes or StunAttribute.Realm or StunAttribute.Nonce:
                        break;
                    default:
                        if (attribute < 0x8000 && unknown == 0) unknown = attribute;
                        break;
                }
            }

            at += 4 + padded;
        }

        message = new StunMessage
        {
            Raw = datagram,
            Class = (StunClass)(type & ClassMask),
            IsBinding = (type & ~ClassMask) == BindingMethod,
            Username = username,
            Software = software,
            MappedAddress = mapped,
            Priority = priority,
            UseCandidate = useCandidate,
            Controlling = controlling,
            Controlled = controlled,
            ErrorCode = error,
            UnknownRequired = unknown,
            IntegrityOffset = integrity,
            FingerprintOffset = fingerprint,
        };
        return true;
    }

    /// <summary>
    /// The local ufrag of a check, for finding its peer, before anything is authenticated. False when this is no STUN message with a
    /// USERNAME whose first half is 4–8 characters: none of ours.
    /// </summary>
    public static bool TryReadLocalUfrag(ReadOnlySpan<byte> datagram, out UfragKey ufrag)
    {
        ufrag = default;
        if (!TryRead(datagram, out var message)) return false;
        var colon = message.Username.IndexOf((byte)':');
        return colon > 0 && UfragKey.TryFrom(message.Username[..colon], out ufrag);
    }

    // RFC 8489 §14.2: port and address are XORed with the cookie and transaction id, which follow each other in the header.
    static bool TryReadXorAddress(ReadOnlySpan<byte> value, ReadOnlySpan<byte> mask, out NetAddress address)
    {
        address = default;
        if (value.Length < 8) return false;
        var port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ BinaryPrimitives.ReadUInt16BigEndian(mask));
        switch (value[1])
        {
            case 1 when value.Length == 8:
                address = NetAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(value[4..]) ^ MagicCookie, port);
                return true;
            case 2 when value.Length == 20:
                Span<byte> bytes = stackalloc byte[16];
                for (var i = 0; i < 16; i++) bytes[i] = (byte)(value[4 + i] ^ mask[i]);
                address = NetAddress.FromIPv6(bytes, port);
                return true;
            default:
                return false;
        }
    }
}
