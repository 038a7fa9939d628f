using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Peers;

namespace Realtime.Media.Isolation;

/// <summary>
/// Whose datagram it is, of those from other workers: all links between two workers run between the same two ports, so the SSRC tells them apart, which the other end announces before
/// it sends. Only addresses that were dialled, or passed an authenticated check, are looked up here.
/// </summary>
sealed class RelayTable
{
    const int RtpSsrc = 8;
    const int RtcpSsrc = 4;

    readonly Dictionary<NetAddress, Dictionary<uint, PeerSlot>> byAddress = [];
    readonly Dictionary<PeerSlot, (NetAddress Address, uint[] Ssrcs)> links = [];

    public bool Knows(in NetAddress address) => byAddress.ContainsKey(address);

    public void Add(PeerSlot slot, in NetAddress address)
    {
        if (links.TryGetValue(slot, out var before) && before.Address == address) return;
        Remove(slot);
        links[slot] = (address, []);
        byAddress.TryAdd(address, []);
        Sync(slot);
    }

    public void Sync(PeerSlot slot)
    {
        if (!links.TryGetValue(slot, out var link)) return;
        var known = byAddress[link.Address];
        foreach (var ssrc in link.Ssrcs) known.Remove(ssrc);
        uint[] now = [.. slot.Participant.Relay!.RemoteSsrcs.Select(static ssrc => ssrc.Value)];
        foreach (var ssrc in now) known[ssrc] = slot;
        links[slot] = (link.Address, now);
    }

    public void Remove(PeerSlot slot)
    {
        if (!links.Remove(slot, out var link)) return;
        var known = byAddress[link.Address];
        foreach (var ssrc in link.Ssrcs) known.Remove(ssrc);
        if (!links.Values.Any(each => each.Address == link.Address)) byAddress.Remove(link.Address);
    }

    public bool TryFind(in NetAddress from, ReadOnlySpan<byte> datagram, DatagramKind kind, out PeerSlot slot)
    {
        slot = null!;
        var at = kind == DatagramKind.Rtcp ? RtcpSsrc : RtpSsrc;
        return kind is DatagramKind.Rtp or DatagramKind.Rtcp && datagram.Length >= at + sizeof(uint) && byAddress.TryGetValue(from, out var known)
            && known.TryGetValue(BinaryPrimitives.ReadUInt32BigEndian(datagram[at..]), out slot!);
    }

    /// <summary>Whose check the datagram answers: the answer names nobody but the check itself.</summary>
    public PeerSlot? FindDialler(in NetAddress from, ReadOnlySpan<byte> datagram)
    {
        if (!byAddress.ContainsKey(from)) return null;
        foreach (var (slot, link) in links)
        {
            if (link.Address == from && slot.Participant.Peer.HasAsked(datagram)) return slot;
        }

        return null;
    }
}
