using System.Net;

namespace Realtime.Signaling.RateLimits;

/// <summary>What limits per address count by: an IPv4 address, or the /64 an IPv6 address is in (a household or a server gets at least that much).</summary>
public static class ClientKey
{
    public static string Of(IPAddress? address)
    {
        if (address is null)
            return "unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length) || length == 4)
            return address.ToString();
        bytes[8..].Clear();
        return new IPAddress(bytes).ToString();
    }
}
