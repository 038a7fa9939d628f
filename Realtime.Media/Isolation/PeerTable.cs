using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Peers;

namespace Realtime.Media.Isolation;

/// <summary>
/// Whose datagram is it: STUN by the local ufrag it names, all else by its source address, which counts only once an authenticated
/// check came from it. Bounded by the peers: each has at most two ufrags and <see cref="MaxAddresses"/> addresses, the oldest giving way.
/// </summary>
sealed class PeerTable
{
    /// <summary>As many paths as an ICE agent keeps.</summary>
    const int MaxAddresses = 16;

    readonly Dictionary<UfragKey, PeerSlot> byUfrag = [];
    readonly Dictionary<NetAddress, PeerSlot> byAddress = [];

    public int Addresses => byAddress.Count;

    /// <summary>Null when it is nobody's, and why.</summary>
    public PeerSlot? Find(in NetAddress from, ReadOnlySpan<byte> datagram, DatagramKind kind, out DropReason drop)
    {
        drop = DropReason.None;
        switch (kind)
        {
            case DatagramKind.Unknown:
                drop = DropReason.UnknownKind;
                return null;
            case DatagramKind.Stun:
                if (StunMessage.TryReadLocalUfrag(datagram, out var ufrag) && byUfrag.TryGetValue(ufrag, out var named)) return named;
                drop = DropReason.UnknownUfrag;
                return null;
            default:
                if (byAddress.TryGetValue(from, out var known)) return known;
                drop = DropReason.UnknownAddress;
                return null;
        }
    }

    /// <summary>After an offer and after checks: an ICE restart brings a second ufrag and later ends the first.</summary>
    public void SyncUfrags(PeerSlot slot)
    {
        var peer = slot.Participant.Peer;
        if (IsCurrent(slot, peer.Local, peer.PreviousLocal)) return;
        foreach (var ufrag in slot.Ufrags) byUfrag.Remove(ufrag);
        slot.Ufrags.Clear();
        Add(slot, peer.Local);
        Add(slot, peer.PreviousLocal);
    }

    /// <summary>An authenticated check came from this address. It may have been somebody else's before: a NAT gives ports away again.</summary>
    public void AddAddress(PeerSlot slot, in NetAddress from)
    {
        if (byAddress.TryGetValue(from, out var owner))
        {
            if (owner == slot) return;
            owner.Addresses.Remove(from);
        }

        if (slot.Addresses.Count == MaxAddresses)
        {
            byAddress.Remove(slot.Addresses[0]);
            slot.Addresses.RemoveAt(0);
        }

        byAddress[from] = slot;
        slot.Addresses.Add(from);
    }

    public void Remove(PeerSlot slot)
    {
        foreach (var ufrag in slot.Ufrags) byUfrag.Remove(ufrag);
        foreach (var address in slot.Addresses) byAddress.Remove(address);
        slot.Ufrags.Clear();
        slot.Addresses.Clear();
    }

    static bool IsCurrent(PeerSlot slot, IceCredentials? local, IceCredentials? previous)
    {
        var expected = (local is null ? 0 : 1) + (previous is null ? 0 : 1);
        return slot.Ufrags.Count == expected && (local is null || (local.TryGetUfragKey(out var key) && slot.Ufrags.Contains(key)));
    }

    void Add(PeerSlot slot, IceCredentials? credentials)
    {
        // 48 random bits: two peers with one ufrag is a case for the books; the newer one wins.
        if (credentials is null || !credentials.TryGetUfragKey(out var key)) return;
        byUfrag[key] = slot;
        slot.Ufrags.Add(key);
    }
}
