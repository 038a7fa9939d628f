using System.Text;
using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

/// <summary>
/// Which section an SSRC belongs to, and whether it carries media or its repairs: by the offer's ssrc lines and FID groups, otherwise by the MID (and RID)
/// that a packet carries (RFC 9143 §9.2, RFC 8852), otherwise by a payload type that only one section has. Browsers send MID and RID only until a report
/// acknowledges the SSRC, so what was learnt is kept through later offers. At most one SSRC of each sort per section is learnt, so a peer that
/// rotates them fills nothing. The encodings of a simulcast are told apart by RID.
/// </summary>
sealed class ReceiveStreams
{
    /// <summary>One stream of a section, and what names it.</summary>
    public sealed class Entry(string mid, ReceiveStream stream)
    {
        public byte[] Mid { get; } = Encoding.ASCII.GetBytes(mid);

        public ReceiveStream Stream { get; } = stream;

        /// <summary>Of a simulcast, as offered; of a single stream the first that came, if any.</summary>
        public byte[] Rid { get; set; } = Encoding.ASCII.GetBytes(stream.Rid);

        public Ssrc? RepairSsrc { get; set; }
    }

    const string Fid = "FID";

    readonly Dictionary<Ssrc, (Entry Entry, bool IsRepair)> bySsrc = [];
    // An array: walking a list through its interface would allocate, and this is walked at each tick.
    Entry[] entries = [];

    /// <summary>In the order of the sections, and of the encodings in each.</summary>
    public ReadOnlySpan<Entry> All => entries;

    /// <summary>After each offer.</summary>
    public void Rebuild(IReadOnlyList<Section> sections)
    {
        bySsrc.Clear();
        var before = entries;
        entries = [.. sections.Where(section => section.Incoming is not null).SelectMany(section => section.Incoming!.Encodings.ToArray().Select(stream =>
            Array.Find(before, entry => entry.Stream == stream) ?? new Entry(section.Mid, stream)))];
        foreach (var entry in entries)
        {
            var offered = sections.First(section => section.Incoming == entry.Stream.Track).Offered;
            if (entry.Stream.Ssrc is { } known) bySsrc[known] = (entry, false);
            // The first ssrc line is the source itself; others are its repairs. Which encoding an SSRC is, no line says.
            if (!entry.Stream.Track.IsSimulcast && offered.Ssrcs is [var first, ..])
            {
                bySsrc[first.Ssrc] = (entry, false);
                if (entry.Stream.RtxPayloadType is not null && RepairOf(offered, first.Ssrc) is { } repair) entry.RepairSsrc = repair;
            }

            if (entry.RepairSsrc is { } repairs) bySsrc[repairs] = (entry, true);
        }
    }

    /// <summary>The stream whose media has this SSRC.</summary>
    public bool TryFind(Ssrc ssrc, out ReceiveStream stream)
    {
        var isKnown = bySsrc.TryGetValue(ssrc, out var known) && !known.IsRepair;
        stream = isKnown ? known.Entry.Stream : null!;
        return isKnown;
    }

    /// <summary>The stream of an authentic packet; learns its SSRC.</summary>
    /// <param name="isRepair">It is a retransmission (RFC 4588).</param>
    public bool TryLatch(in RtpHeader header, ReadOnlySpan<byte> packet, ExtensionMap extensions, out ReceiveStream stream, out bool isRepair)
    {
        stream = null!;
        isRepair = false;
        if (!bySsrc.TryGetValue(header.Ssrc, out var known) && !TryLearn(header, packet, extensions, out known)) return false;
        stream = known.Entry.Stream;
        isRepair = known.IsRepair;
        if (!isRepair) stream.Latch(header.Ssrc);
        return true;
    }

    bool TryLearn(in RtpHeader header, ReadOnlySpan<byte> packet, ExtensionMap extensions, out (Entry Entry, bool IsRepair) learnt)
    {
        var isFound = TryFindByMid(header, packet, extensions, out var entry) || TryFindByPayloadType(header.PayloadType, out entry);
        learnt = (entry, isFound && header.PayloadType == entry.Stream.RtxPayloadType);
        if (!isFound || (!learnt.IsRepair && !entry.Stream.Takes(header.PayloadType))) return false;
        var rid = ValueOf(learnt.IsRepair ? ExtensionKind.RepairedRid : ExtensionKind.Rid, header, packet, extensions);
        if (entry.Stream.Track.IsSimulcast)
        {
            if (!TryFindByRid(entry.Stream.Track, rid, out entry)) return false;
            learnt = (entry, learnt.IsRepair);
        }
        else if (!TryTakeRid(entry, rid))
        {
            return false;
        }

        if ((learnt.IsRepair ? entry.RepairSsrc : entry.Stream.Ssrc) is { } before) bySsrc.Remove(before);
        if (learnt.IsRepair) entry.RepairSsrc = header.Ssrc;
        bySsrc[header.Ssrc] = learnt;
        return true;
    }

    /// <summary>False for another encoding than the one taken.</summary>
    static bool TryTakeRid(Entry entry, ReadOnlySpan<byte> rid)
    {
        if (rid.IsEmpty || rid.SequenceEqual(entry.Rid)) return true;
        if (entry.Rid.Length > 0) return false;
        entry.Rid = rid.ToArray();
        return true;
    }

    bool TryFindByRid(ReceiveTrack track, ReadOnlySpan<byte> rid, out Entry entry)
    {
        foreach (var candidate in entries)
        {
            entry = candidate;
            if (candidate.Stream.Track == track && rid.SequenceEqual(candidate.Rid)) return true;
        }

        entry = null!;
        return false;
    }

    bool TryFindByMid(in RtpHeader header, ReadOnlySpan<byte> packet, ExtensionMap extensions, out Entry entry)
    {
        var mid = ValueOf(ExtensionKind.Mid, header, packet, extensions);
        foreach (var candidate in entries)
        {
            entry = candidate;
            if (!mid.IsEmpty && mid.SequenceEqual(candidate.Mid)) return true;
        }

        entry = null!;
        return false;
    }

    /// <summary>The only section with this payload type that has no such SSRC yet: senders that tell neither ssrc nor MID.</summary>
    bool TryFindByPayloadType(PayloadType type, out Entry entry)
    {
        entry = null!;
        foreach (var candidate in entries)
        {
            var stream = candidate.Stream;
            if (!stream.Takes(type) && type != stream.RtxPayloadType) continue;
            if (entry is not null) return false;
            entry = candidate;
        }

        return entry is not null && (type == entry.Stream.RtxPayloadType ? entry.RepairSsrc : entry.Stream.Ssrc) is null;
    }

    static ReadOnlySpan<byte> ValueOf(ExtensionKind kind, in RtpHeader header, ReadOnlySpan<byte> packet, ExtensionMap extensions)
    {
        var id = extensions.IdOf(kind);
        return id != 0 && header.HasExtension && header.Extensions(packet).TryFind(id, out var value) ? value : default;
    }

    static Ssrc? RepairOf(MediaDescription offered, Ssrc source)
    {
        foreach (var group in offered.SsrcGroups)
        {
            if (group.Semantics == Fid && group.Ssrcs is [var repaired, var repair] && repaired == source) return repair;
        }

        return null;
    }
}
