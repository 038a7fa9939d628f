using System.Net;
using System.Net.NetworkInformation;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// The addresses of this machine at which a socket bound to the wildcard was asked, each by a number below 0 (see NetAddress.Connection), so that an
/// answer leaves from the address the question went to: a client behind a NAT or firewall takes no other. Where any route would choose
/// that address anyway it is not told (<see cref="IsObvious"/>), for telling costs a tenth of a send. Bounded; beyond that number 0.
/// </summary>
internal sealed class LocalAddresses
{
    const int Capacity = 256;

    static readonly LocalAddress LoopbackV4 = Of(IPAddress.Loopback), LoopbackV6 = Of(IPAddress.IPv6Loopback);

    readonly LocalAddress? soleV4;
    readonly LocalAddress? soleV6;
    readonly LocalAddress[] known = new LocalAddress[Capacity];
    int count;
    int last;

    /// <param name="ofMachine">All its addresses, as they are when the socket opens.</param>
    public LocalAddresses(IReadOnlyCollection<IPAddress> ofMachine)
    {
        var global = ofMachine.Where(address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal).Distinct().Select(Of).ToList();
        soleV4 = Sole(global.Where(address => address.IsIPv4));
        soleV6 = Sole(global.Where(address => !address.IsIPv4));
    }

    public static IReadOnlyCollection<IPAddress> OfThisMachine() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(each => each.GetIPProperties().UnicastAddresses).Select(each => each.Address)];

    /// <summary>The number to answer by; 0 where the route's choice is right.</summary>
    public int NumberOf(in LocalAddress address, in NetAddress remote)
    {
        if (IsObvious(address, remote)) return 0;
        if (last < count && known[last] == address) return -(last + 1);
        for (var i = 0; i < count; i++)
        {
            if (known[i] != address) continue;
            last = i;
            return -(i + 1);
        }

        if (count == Capacity) return 0;
        known[last = count++] = address;
        return -(last + 1);
    }

    /// <param name="number">As given by <see cref="NumberOf"/>, below 0.</param>
    public bool TryGet(int number, out LocalAddress address)
    {
        var index = -(number + 1);
        address = (uint)index < (uint)count ? known[index] : default;
        return (uint)index < (uint)count;
    }

    /// <summary>By the addresses alone, so that a path has one name for ever: loopback answers loopback, the only global address all but loopback.</summary>
    bool IsObvious(in LocalAddress local, in NetAddress remote)
    {
        var isLoopback = remote.IsIPv4 ? remote.IPv4 >> 24 == 127 : (remote.High, remote.Low) == (LoopbackV6.High, LoopbackV6.Low);
        if (isLoopback) return local == (remote.IsIPv4 ? LoopbackV4 : LoopbackV6);
        return local == (remote.IsIPv4 ? soleV4 : soleV6);
    }

    static LocalAddress Of(IPAddress address)
    {
        var value = NetAddress.From(new IPEndPoint(address, 0));
        return new LocalAddress(value.High, value.Low, 0);
    }

    static LocalAddress? Sole(IEnumerable<LocalAddress> addresses) => addresses.Take(2).ToList() is [var only] ? only : null;
}

/// <summary>IPv4 is held IPv4-mapped.</summary>
/// <param name="Interface">Of a link-local address, which means nothing without; otherwise 0, so that routes stay free.</param>
internal readonly record struct LocalAddress(ulong High, ulong Low, uint Interface)
{
    public bool IsIPv4 => new NetAddress(High, Low, 0).IsIPv4;
}
