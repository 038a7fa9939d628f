using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Peers;

namespace Realtime.Media.Isolation;

/// <summary>
/// Whose datagram is it: STUN by the local ufrag it names, all else by its source address, which counts only once an authenticated
/// check came from it. Bounded by the peers: each has at most two ufrags and <see cref="MaxAddresses"/> addresses, the oldest giving way.
/// </summary>
sealed class PeerTable(UfragDirectory directory, int worker)
{
    /// <summary>As many paths as an ICE agent keeps.</summary>
    const int MaxAddresses = 16;

    readonly Dictionary<UfragKey, PeerSlot> byUfrag = [];
    readonly Dictionary<NetAddress, PeerSlot> byAddress = [];
    readonly RelayTable relays = new();
    readonly Queue<NetAddress> orphans = new();
    readonly HashSet<NetAddress> orphaned = [];

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
                if (relays.FindDialler(from, datagram) is { } dialler) return dialler;
                drop = DropReason.UnknownUfrag;
                return null;
            default:
                if (byAddress.TryGetValue(from, out var known) || relays.TryFind(from, datagram, kind, out known)) return known;
                drop = DropReason.UnknownAddress;
                return null;
        }
    }

    /// <summary>After an offer and after checks: an ICE restart brings a second ufrag and later ends the first.</summary>
    public void SyncUfrags(PeerSlot slot)
    {
        var peer = slot.Participant.Peer;
        if (IsCurrent(slot, peer.Local, peer.PreviousLocal)) return;
        RemoveUfrags(slot);
        Add(slot, peer.Local);
        Add(slot, peer.PreviousLocal);
    }

    /// <summary>
    /// An authenticated check came from this address. It may have been somebody else's before: a NAT gives ports away again. But not while that peer is
    /// heard from there: then the address was forged, to take the path from it.
    /// </summary>
    public void AddAddress(Instant now, PeerSlot slot, in NetAddress from)
    {
        if (slot.Participant.Relay is not null)
        {
            relays.Add(slot, from);
            return;
        }

        if (byAddress.TryGetValue(from, out var owner))
        {
            if (owner == slot || owner.Participant.Peer.IsHeardFrom(now, from)) return;
            owner.Addresses.Remove(from);
        }

        if (slot.Addresses.Count == MaxAddresses) Forget(slot, Superfluous(slot));
        byAddress[from] = slot;
        slot.Addresses.Add(from);
    }

    /// <summary>A link that is dialled from here.</summary>
    public void AddRelay(PeerSlot slot, in NetAddress address) => relays.Add(slot, address);

    /// <summary>The other end of a link sends under other SSRCs now.</summary>
    public void SyncRelay(PeerSlot slot) => relays.Sync(slot);

    /// <summary>Whether it is a peer's path.</summary>
    public bool Knows(in NetAddress address) => byAddress.ContainsKey(address) || relays.Knows(address);

    /// <summary>The path is gone: whose it was, or null.</summary>
    public PeerSlot? RemoveAddress(in NetAddress address)
    {
        if (!byAddress.Remove(address, out var slot)) return null;
        slot.Addresses.Remove(address);
        return slot;
    }

    /// <summary>A TCP connection that has nobody: its peer has left or has better paths, or it showed no right to be here.</summary>
    public void AddOrphan(in NetAddress connection)
    {
        // Once, however many packets it sends before it is closed.
        if (orphaned.Add(connection)) orphans.Enqueue(connection);
    }

    public bool TryTakeOrphan(out NetAddress connection) => orphans.TryDequeue(out connection) && orphaned.Remove(connection);

    public void Remove(PeerSlot slot)
    {
        RemoveUfrags(slot);
        relays.Remove(slot);
        while (slot.Addresses.Count > 0) Forget(slot, slot.Addresses.Count - 1);
    }

    void RemoveUfrags(PeerSlot slot)
    {
        foreach (var ufrag in slot.Ufrags)
        {
            byUfrag.Remove(ufrag);
            directory.Remove(ufrag, worker);
        }

        slot.Ufrags.Clear();
    }

    void Forget(PeerSlot slot, int index)
    {
        var address = slot.Addresses[index];
        slot.Addresses.RemoveAt(index);
        byAddress.Remove(address);
        if (address.IsTcp) AddOrphan(address);
    }

    /// <summary>An address that ICE has given up: it keeps as many, and chooses by what it hears.</summary>
    static int Superfluous(PeerSlot slot)
    {
        for (var i = 0; i < slot.Addresses.Count; i++)
            if (!slot.Participant.Peer.IsValidated(slot.Addresses[i]))
                return i;
        return 0;
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
        directory.Add(key, worker);
        slot.Ufrags.Add(key);
    }
}
