using System.Text;
using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

/// <summary>
/// Which section an SSRC belongs to: by the offer's ssrc lines, otherwise by the MID a packet carries (RFC 9143 §9.2). Browsers send MID
/// only until a report acknowledges the SSRC, so what was learnt is kept through later offers. At most one SSRC per section is
/// learnt, so a peer that rotates them fills nothing.
/// </summary>
sealed class ReceiveStreams
{
    readonly Dictionary<Ssrc, ReceiveStream> bySsrc = [];
    // An array: walking a list through its interface would allocate, and this is walked at each tick.
    (byte[] Mid, ReceiveStream Stream)[] byMid = [];

    /// <summary>In the order of the sections.</summary>
    public ReadOnlySpan<(byte[] Mid, ReceiveStream Stream)> All => byMid;

    /// <summary>After each offer.</summary>
    public void Rebuild(IReadOnlyList<Section> sections)
    {
        bySsrc.Clear();
        byMid = [.. sections.Where(section => section.Incoming is not null).Select(section => (Encoding.ASCII.GetBytes(section.Mid), section.Incoming!))];
        foreach (var section in sections)
        {
            if (section.Incoming is not { } stream) continue;
            if (stream.Ssrc is { } known) bySsrc[known] = stream;
            // The first ssrc line is the source itself; others are its repairs, which are not negotiated.
            if (section.Offered.Ssrcs is [var first, ..]) bySsrc[first.Ssrc] = stream;
        }
    }

    public bool TryFind(Ssrc ssrc, out ReceiveStream stream) => bySsrc.TryGetValue(ssrc, out stream!);

    /// <summary>The stream of an authentic packet; learns its SSRC.</summary>
    public bool TryLatch(in RtpHeader header, ReadOnlySpan<byte> packet, ExtensionMap extensions, out ReceiveStream stream)
    {
        if (!bySsrc.TryGetValue(header.Ssrc, out stream!))
        {
            var id = extensions.IdOf(ExtensionKind.Mid);
            if (id == 0 || !header.HasExtension || !header.Extensions(packet).TryFind(id, out var mid) || !TryFindMid(mid, out stream)) return false;
            if (stream.Ssrc is { } before) bySsrc.Remove(before);
            bySsrc[header.Ssrc] = stream;
        }

        stream.Latch(header.Ssrc);
        return true;
    }

    bool TryFindMid(ReadOnlySpan<byte> mid, out ReceiveStream stream)
    {
        foreach (var (candidate, found) in byMid)
        {
            if (!mid.SequenceEqual(candidate)) continue;
            stream = found;
            return true;
        }

        stream = null!;
        return false;
    }
}
