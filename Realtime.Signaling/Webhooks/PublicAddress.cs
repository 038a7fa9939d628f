using System.Net;
using System.Net.Sockets;

namespace Realtime.Signaling.Webhooks;

/// <summary>
/// Whether an address is somebody out there, and not us: everything the IANA registers as special (private, loopback, link-local with the clouds' metadata, shared, documentation,
/// multicast, reserved) is refused, and so is every IPv6 form that carries an IPv4 address (mapped, compatible, 6to4, Teredo, NAT64), because a gateway may turn it into one of those.
/// </summary>
public static class PublicAddress
{
    static readonly IPNetwork[] s_special4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // Azure's own services, at a public address.
            "168.63.129.16/32",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>What is handed out at all.</summary>
    static readonly IPNetwork s_global6 = IPNetwork.Parse("2000::/3");

    static readonly IPNetwork[] s_special6 =
    [
        // Protocol assignments with Teredo and ORCHID, documentation, 6to4, AS112.
        .. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20" }.Select(IPNetwork.Parse),
    ];

    public static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !s_special4.Any(network => network.Contains(address)),
        AddressFamily.InterNetworkV6 => address.ScopeId == 0 && !address.IsIPv4MappedToIPv6 && s_global6.Contains(address) && !s_special6.Any(network => network.Contains(address)),
        _ => false,
    };
}
