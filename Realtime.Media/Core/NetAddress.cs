using System.Buffers.Binary;
using System.Net;

namespace Realtime.Media.Core;

/// <summary>
/// Where a datagram comes from or goes to: an IP address and port over UDP, or one accepted TCP connection (RFC 4571 frames).
/// A value without references, so tables of it cost nothing to the garbage collector. IPv4 is held IPv4-mapped (RFC 4291 §2.5.5.2).
/// </summary>
/// <param name="Connection">
/// Positive: the edge's number of the TCP connection. Negative: UDP to one of several local addresses, by the edge's number for it; an answer
/// leaves from there. 0: UDP where the local address needs no telling.
/// </param>
public readonly record struct NetAddress(ulong High, ulong Low, ushort Port, int Connection = 0)
{
    const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    public bool IsTcp => Connection > 0;

    public bool IsIPv4 => High == 0 && (Low & 0xFFFF_FFFF_0000_0000) == MappedPrefix;

    /// <summary>The IPv4 address in host order; meaningful when <see cref="IsIPv4"/>.</summary>
    public uint IPv4 => (uint)Low;

    public static NetAddress FromIPv4(uint address, ushort port, int connection = 0) => new(0, MappedPrefix | address, port, connection);

    /// <param name="address">16 bytes, network order.</param>
    public static NetAddress FromIPv6(ReadOnlySpan<byte> address, ushort port, int connection = 0) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(address), BinaryPrimitives.ReadUInt64BigEndian(address[8..]), port, connection);

    public static NetAddress From(IPEndPoint endpoint, int connection = 0)
    {
        Span<byte> bytes = stackalloc byte[16];
        endpoint.Address.MapToIPv6().TryWriteBytes(bytes, out _);
        return FromIPv6(bytes, (ushort)endpoint.Port, connection);
    }

    /// <summary>Allocates: for logs, SDP and tests.</summary>
    public IPEndPoint ToIPEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        var address = new IPAddress(bytes);
        return new IPEndPoint(IsIPv4 ? address.MapToIPv4() : address, Port);
    }

    /// <summary>Where it comes from without saying who: <c>IPv4, private</c>. Allocates: for operators.</summary>
    public string ToNetwork()
    {
        var address = ToIPEndPoint().Address;
        var isPrivate = IsIPv4
            ? IPv4 >> 24 is 10 || IPv4 >> 20 is 0xAC1 || IPv4 >> 16 is 0xC0A8 or 0xA9FE
            : address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal;
        return $"{(IsIPv4 ? "IPv4" : "IPv6")}, {(IPAddress.IsLoopback(address) ? "loopback" : isPrivate ? "private" : "public")}";
    }

    public override string ToString() => IsTcp ? $"tcp#{Connection}/{ToIPEndPoint()}" : ToIPEndPoint().ToString();
}
