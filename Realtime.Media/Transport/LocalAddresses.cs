namespace Realtime.Media.Transport;

/// <summary>
/// The addresses of this machine at which a socket bound to the wildcard was asked, each by a number below 0 (see NetAddress.Connection), so that an
/// answer leaves from the address the question went to: a client behind a NAT or firewall takes no other. Bounded; beyond that
/// number 0, which lets the route choose.
/// </summary>
internal sealed class LocalAddresses
{
    const int Capacity = 256;

    readonly LocalAddress[] known = new LocalAddress[Capacity];
    int count;
    int last;

    /// <param name="linkInterface">Of a link-local address, which means nothing without; otherwise 0, so that routes stay free.</param>
    public int NumberOf(ulong high, ulong low, uint linkInterface)
    {
        var address = new LocalAddress(high, low, linkInterface);
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
}

/// <summary>IPv4 is held IPv4-mapped.</summary>
internal readonly record struct LocalAddress(ulong High, ulong Low, uint Interface);
