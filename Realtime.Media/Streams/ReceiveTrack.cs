using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Media.Streams;

/// <summary>
/// What one publisher sends in one section: one stream, or the encodings of a simulcast, each a stream of its own. Which encoding is which spatial layer is
/// taken from the order of the offer, and set right as soon as the sizes of the pictures are known.
/// </summary>
public sealed class ReceiveTrack
{
    readonly ReceiveStream[] encodings;
    int version;

    /// <param name="codec">The codec answered to the publisher, under its payload type.</param>
    /// <param name="rtx">What repairs it; null when the publisher has none.</param>
    /// <param name="rids">Of a simulcast, in the order of the offer; empty for a single stream.</param>
    /// <param name="extensions">What the publisher's extension ids mean.</param>
    public ReceiveTrack(SectionKind kind, Codec codec, Codec? rtx, IReadOnlyList<string> rids, ExtensionMap extensions, SenderClock clock)
    {
        (Kind, Codec, Rids) = (kind, codec, rids);
        Layers = new TrackLayers(rids.Count > 1);
        encodings = new ReceiveStream[Math.Max(rids.Count, 1)];
        for (var i = 0; i < encodings.Length; i++)
        {
            encodings[i] = new ReceiveStream(this, rtx, extensions, clock) { Rid = rids.Count > 0 ? rids[i] : "", Index = i, Spatial = i };
        }

        if (IsSimulcast) Layers.Announce(encodings.Length);
    }

    public SectionKind Kind { get; }

    public Codec Codec { get; }

    /// <summary>Of audio that comes with its earlier frames (RFC 2198); null when not negotiated.</summary>
    public PayloadType? RedPayloadType { get; init; }

    public IReadOnlyList<string> Rids { get; }

    public bool IsSimulcast => encodings.Length > 1;

    /// <summary>By spatial layer, the smallest picture first; the only one when it is no simulcast.</summary>
    public ReadOnlySpan<ReceiveStream> Encodings => encodings;

    public TrackLayers Layers { get; }

    /// <summary>The stream that carries a spatial layer.</summary>
    public ReceiveStream Carrier(int spatial) => encodings[IsSimulcast ? Math.Clamp(spatial, 0, encodings.Length - 1) : 0];

    /// <summary>From now on the latest packets are kept: a subscriber may ask for them.</summary>
    public void KeepForRepair()
    {
        foreach (var encoding in encodings) encoding.KeepForRepair();
    }

    /// <summary>True once after layers started, stopped or changed: what subscribers get is to be chosen anew.</summary>
    public bool TakeChange()
    {
        if (version == Layers.Version) return false;
        version = Layers.Version;
        return true;
    }

    /// <summary>One packet of one of the encodings.</summary>
    internal void Arrived(Instant now, ReceiveStream encoding, in PacketLayer layer, int bytes, bool marker)
    {
        if (!IsSimulcast)
        {
            if (layer.Width > 0) Layers.SetSize(layer.Spatial, layer.Width, layer.Height);
            Layers.Arrived(now, layer.Spatial, layer.Temporal, bytes, layer.EndsFrame || marker);
            return;
        }

        if (layer.Width > 0 && (layer.Width != encoding.Width || layer.Height != encoding.Height)) Resize(encoding, layer.Width, layer.Height);
        Layers.Arrived(now, encoding.Spatial, layer.Temporal, bytes, marker);
    }

    /// <summary>An encoding's pictures have another size: it may take another place.</summary>
    internal void Resize(ReceiveStream encoding, int width, int height)
    {
        (encoding.Width, encoding.Height) = (width, height);
        if (!IsOutOfOrder())
        {
            Layers.SetSize(encoding.Spatial, width, height);
            return;
        }

        Array.Sort(encodings, static (a, b) => (a.Width * a.Height).CompareTo(b.Width * b.Height));
        Layers.Clear();
        for (var i = 0; i < encodings.Length; i++)
        {
            encodings[i].Spatial = i;
            Layers.SetSize(i, encodings[i].Width, encodings[i].Height);
        }
    }

    /// <summary>Known only when all are: until then they keep their places.</summary>
    bool IsOutOfOrder()
    {
        var isOut = false;
        for (var i = 0; i < encodings.Length; i++)
        {
            if (encodings[i].Width == 0) return false;
            isOut |= i > 0 && encodings[i].Width * encodings[i].Height < encodings[i - 1].Width * encodings[i - 1].Height;
        }

        return isOut;
    }
}
