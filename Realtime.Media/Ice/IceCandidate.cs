using System.Globalization;
using System.Net;
using Realtime.Media.Core;

namespace Realtime.Media.Ice;

/// <summary>One host candidate (RFC 8445 §5.1, RFC 6544 for TCP): an address to which the other side may send checks.</summary>
/// <param name="IsTcp">A passive TCP candidate: the other side opens the connection.</param>
public readonly record struct IceCandidate(NetAddress Address, bool IsTcp, uint Priority, string Foundation)
{
    const int HostTypePreference = 126;

    // UDP first whatever the address family: RFC 6544 §4.2 lets TCP rank lower by type.
    const int HostTcpTypePreference = 90;

    // RFC 6544 §4.2: local preference = 2^13 × direction (4 for passive host) + other.
    const int PassiveDirection = 4 << 13;

    const int Component = 1;

    /// <param name="index">Position in the list of announced addresses: earlier ones are preferred.</param>
    public static IceCandidate HostUdp(in NetAddress address, int index) =>
        new(address, false, PriorityOf(HostTypePreference, ushort.MaxValue - index), $"u{index}");

    /// <inheritdoc cref="HostUdp"/>
    public static IceCandidate HostTcpPassive(in NetAddress address, int index) =>
        new(address, true, PriorityOf(HostTcpTypePreference, PassiveDirection + 0x1FFF - index), $"t{index}");

    /// <summary>RFC 8445 §5.1.2.1: 2^24 × type + 2^8 × local + 256 − component.</summary>
    public static uint PriorityOf(int typePreference, int localPreference) =>
        ((uint)typePreference << 24) | ((uint)localPreference << 8) | (256 - Component);

    /// <summary>The value of <c>a=candidate:</c> (RFC 8839 §5.1).</summary>
    public override string ToString()
    {
        var endpoint = Address.ToIPEndPoint();
        return string.Create(CultureInfo.InvariantCulture,
            $"{Foundation} {Component} {(IsTcp ? "tcp" : "udp")} {Priority} {endpoint.Address} {endpoint.Port} typ host{(IsTcp ? " tcptype passive" : "")}");
    }

    /// <summary>Reads the value of <c>a=candidate:</c>; false for host names (mDNS), other components and types we cannot reach.</summary>
    public static bool TryRead(string value, out IceCandidate candidate)
    {
        candidate = default;
        var parts = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 8 || parts[1] != "1" || parts[6] != "typ") return false;
        var tcp = parts[2].Equals("tcp", StringComparison.OrdinalIgnoreCase);
        if (!tcp && !parts[2].Equals("udp", StringComparison.OrdinalIgnoreCase)) return false;
        if (!uint.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var priority)
            || !IPAddress.TryParse(parts[4], out var address)
            || !ushort.TryParse(parts[5], NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return false;
        candidate = new IceCandidate(NetAddress.From(new IPEndPoint(address, port)), tcp, priority, parts[0]);
        return true;
    }
}
