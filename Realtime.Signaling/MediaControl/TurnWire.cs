using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// The few STUN messages that a look at a TURN server takes (RFC 8489 §5, RFC 8656): written and read on spans, nothing throws on input.
/// <code>
///  0                   1                   2                   3
/// |0 0|  message type (14)        |        message length         |
/// |                  magic cookie 0x2112A442                      |
/// |                  transaction id (96 bits)                     |
/// | attribute type                | attribute length   | value …  |
/// </code>
/// </summary>
static class TurnWire
{
    public const ushort Allocate = 0x0003;
    public const ushort Refresh = 0x0004;
    public const int HeaderLength = 20;
    public const int MaxMessage = 2048;

    const ushort SuccessBit = 0x0100;
    const ushort ErrorBits = 0x0110;
    const uint Cookie = 0x2112A442;
    const ushort Username = 0x0006;
    const ushort Integrity = 0x0008;
    const ushort ErrorCode = 0x0009;
    const ushort Lifetime = 0x000D;
    const ushort Realm = 0x0014;
    const ushort Nonce = 0x0015;
    const ushort RequestedTransport = 0x0019;
    const int IntegrityLength = 4 + 20;
    const byte Udp = 17;

    /// <summary>A request; with credentials once the server has told realm and nonce.</summary>
    public static byte[] Write(ushort method, ReadOnlySpan<byte> transaction, TurnLogin? login)
    {
        var message = new List<byte>(256);
        message.AddRange(stackalloc byte[HeaderLength]);
        Span<byte> number = stackalloc byte[4];
        number.Clear();
        if (method == Allocate)
        {
            number[0] = Udp;
            Add(message, RequestedTransport, number);
        }
        else
            Add(message, Lifetime, number);
        if (login is not null)
        {
            Add(message, Username, Encoding.UTF8.GetBytes(login.Username));
            Add(message, Realm, login.Realm);
            Add(message, Nonce, login.Nonce);
        }
        var bytes = new byte[message.Count + (login is null ? 0 : IntegrityLength)];
        message.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes, method);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)(bytes.Length - HeaderLength));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Cookie);
        transaction.CopyTo(bytes.AsSpan(8));
        if (login is not null)
        {
            var at = message.Count;
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), Integrity);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at + 2), 20);
            HMACSHA1.HashData(login.Key, bytes.AsSpan(0, at), bytes.AsSpan(at + 4));
        }
        return bytes;
    }

    /// <summary>Bytes of the whole message, from its header; null when it is none.</summary>
    public static int? LengthOf(ReadOnlySpan<byte> header) =>
        header.Length >= HeaderLength && BinaryPrimitives.ReadUInt32BigEndian(header[4..]) == Cookie
        && BinaryPrimitives.ReadUInt16BigEndian(header[2..]) is var length && length % 4 == 0 && length + HeaderLength <= MaxMessage ? length + HeaderLength : null;

    /// <summary>False: no answer to this request, or (with a login, on success) not signed by who knows the password.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ushort method, ReadOnlySpan<byte> transaction, TurnLogin? login, out TurnAnswer answer)
    {
        answer = default;
        if (LengthOf(message) != message.Length || !message[8..HeaderLength].SequenceEqual(transaction))
            return false;
        var type = BinaryPrimitives.ReadUInt16BigEndian(message);
        if (type != (method | SuccessBit) && type != (method | ErrorBits))
            return false;
        int? error = null;
        byte[] realm = [], nonce = [];
        var signed = false;
        for (var at = HeaderLength; at + 4 <= message.Length;)
        {
            var attribute = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
            if (at + 4 + length > message.Length)
                return false;
            var value = message.Slice(at + 4, length);
            if (attribute == ErrorCode && length >= 4)
                error = ((value[2] & 7) * 100) + value[3];
            else if (attribute == Realm)
                realm = value.ToArray();
            else if (attribute == Nonce)
                nonce = value.ToArray();
            else if (attribute == Integrity && length == 20 && login is not null)
                signed = IsSigned(message[..at], value, login.Key);
            at += 4 + ((length + 3) & ~3);
        }
        if (type == (method | SuccessBit) && login is not null && !signed)
            return false;
        answer = new TurnAnswer(type == (method | SuccessBit) ? null : error ?? 0, realm, nonce);
        return true;
    }

    /// <summary>The length field counts up to and including the integrity attribute, whatever follows it.</summary>
    static bool IsSigned(ReadOnlySpan<byte> before, ReadOnlySpan<byte> given, byte[] key)
    {
        var signed = before.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(signed.AsSpan(2), (ushort)(before.Length - HeaderLength + IntegrityLength));
        Span<byte> made = stackalloc byte[20];
        HMACSHA1.HashData(key, signed, made);
        return CryptographicOperations.FixedTimeEquals(made, given);
    }

    static void Add(List<byte> message, ushort type, ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(head, type);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)value.Length);
        message.AddRange(head);
        message.AddRange(value);
        while (message.Count % 4 != 0)
            message.Add(0);
    }
}

/// <param name="Error">Null: success. Otherwise the server's error code (401, 438, 486 …; 0 when it named none).</param>
readonly record struct TurnAnswer(int? Error, byte[] Realm, byte[] Nonce);

/// <summary>Long-term credentials for one realm (RFC 8489 §9.2): the key is MD5(username:realm:password).</summary>
sealed class TurnLogin(string username, string password, byte[] realm, byte[] nonce)
{
    public string Username => username;
    public byte[] Realm => realm;
    public byte[] Nonce => nonce;

#pragma warning disable CA5351 // The protocol says MD5.
    public byte[] Key { get; } = MD5.HashData([.. Encoding.UTF8.GetBytes(username + ":"), .. realm, .. Encoding.UTF8.GetBytes(":" + password)]);
#pragma warning restore CA5351
}
