using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>sockaddr_in and sockaddr_in6 as Linux lays them out, to and from <see cref="NetAddress"/>. An IPv6 socket speaks to IPv4 by mapped addresses.</summary>
internal static class SocketAddress
{
    /// <summary>sizeof(sockaddr_in6); sockaddr_in takes the first 16.</summary>
    public const int MaxLength = 28;

    const int V4Length = 16;

    /// <summary>Writes the address for a socket of <paramref name="family"/>; 0 when that family cannot reach it.</summary>
    public static int Write(in NetAddress address, int family, Span<byte> raw)
    {
        if (family == LinuxSockets.AfInet)
        {
            if (!address.IsIPv4) return 0;
            raw[..V4Length].Clear();
            BitConverter.TryWriteBytes(raw, (ushort)LinuxSockets.AfInet);
            BinaryPrimitives.WriteUInt16BigEndian(raw[2..], address.Port);
            BinaryPrimitives.WriteUInt32BigEndian(raw[4..], address.IPv4);
            return V4Length;
        }

        raw[..MaxLength].Clear();
        BitConverter.TryWriteBytes(raw, (ushort)LinuxSockets.AfInet6);
        BinaryPrimitives.WriteUInt16BigEndian(raw[2..], address.Port);
        BinaryPrimitives.WriteUInt64BigEndian(raw[8..], address.High);
        BinaryPrimitives.WriteUInt64BigEndian(raw[16..], address.Low);
        return MaxLength;
    }

    public static NetAddress Read(ReadOnlySpan<byte> raw)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(raw[2..]);
        return BitConverter.ToUInt16(raw) == LinuxSockets.AfInet
            ? NetAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(raw[4..]), port)
            : NetAddress.FromIPv6(raw[8..24], port);
    }
}
