using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// The control messages IP_PKTINFO (in_pktinfo: interface, local address, destination) and IPV6_PKTINFO (in6_pktinfo: address, interface): where a
/// datagram arrived, and from where one is to leave. An IPv6 socket uses the second for IPv4 as well, mapped.
/// </summary>
internal static unsafe class PacketInfo
{
    /// <summary>The longer of the two, padded.</summary>
    public const int MaxLength = 40;

    const ulong LinkLocalMask = 0xFFC0_0000_0000_0000, LinkLocalPrefix = 0xFE80_0000_0000_0000;

    public static void Enable(int fd, int family)
    {
        var on = 1;
        if (family == LinuxSockets.AfInet) LinuxSockets.SetSockOpt(fd, LinuxSockets.SolIp, LinuxSockets.IpPktInfo, &on, sizeof(int));
        else LinuxSockets.SetSockOpt(fd, LinuxSockets.SolIpv6, LinuxSockets.Ipv6RecvPktInfo, &on, sizeof(int));
    }

    /// <summary>The address the datagram was sent to; false when this control message does not say.</summary>
    public static bool TryRead(LinuxSockets.ControlHeader* control, out LocalAddress address)
    {
        var data = (byte*)(control + 1);
        if (control->Level == LinuxSockets.SolIpv6 && control->Type == LinuxSockets.Ipv6PktInfo)
        {
            var high = BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(data, 8));
            var low = BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(data + 8, 8));
            address = new LocalAddress(high, low, (high & LinkLocalMask) == LinkLocalPrefix ? *(uint*)(data + 16) : 0);
            return true;
        }

        address = default;
        if (control->Level != LinuxSockets.SolIp || control->Type != LinuxSockets.IpPktInfo) return false;
        var mapped = NetAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(data + 4, 4)), 0);
        address = new LocalAddress(mapped.High, mapped.Low, 0);
        return true;
    }

    /// <summary>Writes the control message that makes a datagram leave from this address; its padded length.</summary>
    public static int Write(byte* control, int family, in LocalAddress from)
    {
        var head = (LinuxSockets.ControlHeader*)control;
        var data = (byte*)(head + 1);
        new Span<byte>(control, MaxLength).Clear();
        if (family == LinuxSockets.AfInet)
        {
            head->Length = (nuint)sizeof(LinuxSockets.ControlHeader) + 12;
            head->Level = LinuxSockets.SolIp;
            head->Type = LinuxSockets.IpPktInfo;
            BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(data + 4, 4), (uint)from.Low);
            return 32;
        }

        head->Length = (nuint)sizeof(LinuxSockets.ControlHeader) + 20;
        head->Level = LinuxSockets.SolIpv6;
        head->Type = LinuxSockets.Ipv6PktInfo;
        BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(data, 8), from.High);
        BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(data + 8, 8), from.Low);
        *(uint*)(data + 16) = from.Interface;
        return MaxLength;
    }
}
