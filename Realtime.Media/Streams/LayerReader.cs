using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>What one stream says about layers: the dependency descriptor of each packet, and, now and then, how many there are and how large.</summary>
struct LayerReader(ExtensionMap extensions)
{
    DependencyStructure? structure;
    DependencyStructure? told;
    uint active;

    /// <summary>The packet's layer by its descriptor; as its payload said when it has none, or one that cannot be read.</summary>
    /// <param name="isNew">False for one that is looked at once more: it changes nothing.</param>
    public PacketLayer Read(scoped in RtpHeader header, ReadOnlySpan<byte> packet, in PacketLayer byPayload, bool isNew)
    {
        if (!TryFind(ExtensionKind.DependencyDescriptor, header, packet, out var value) || !DependencyFrame.TryRead(value, structure, out var frame)) return byPayload;
        if (isNew)
        {
            if (frame.BringsStructure) structure = frame.Structure;
            if (frame.ActiveTargets is { } targets) active = targets;
        }

        var (width, height) = frame.BringsStructure ? frame.Structure.ResolutionOf(frame.Spatial) : default;
        return new PacketLayer
        {
            Spatial = (byte)frame.Spatial,
            Temporal = (byte)frame.Temporal,
            StartsFrame = frame.StartsFrame,
            EndsFrame = frame.EndsFrame,
            IsSync = byPayload.IsSync,
            IsIntra = byPayload.IsIntra,
            Width = width > 0 ? width : byPayload.Width,
            Height = width > 0 ? height : byPayload.Height,
            Structure = frame.Structure,
            Indications = frame.Indications,
            ActiveTargets = frame.ActiveTargets ?? active,
            ActiveTargetsPosition = (ushort)frame.ActiveTargetsPosition,
            HasActiveTargets = frame.HasActiveTargets,
        };
    }

    /// <summary>Tells the track what this packet says about layers other than its own.</summary>
    public void Tell(ReceiveTrack track, scoped in MediaPacket media)
    {
        if (TryFind(ExtensionKind.VideoLayersAllocation, media.Header, media.Packet, out var value) && LayersAllocation.TryRead(value, out var allocation) && allocation.HasSizes)
            TellSizes(track, allocation);
        if (track.IsSimulcast) return;
        if (media.Layer.Structure is { } now && now != told)
        {
            told = now;
            track.Layers.Limit(now.SpatialLayers);
            track.Layers.StandsAlone = !now.BuildsOnLower(HighestTarget(now));
            for (var spatial = 0; spatial < now.SpatialLayers; spatial++)
            {
                var (width, height) = now.ResolutionOf(spatial);
                track.Layers.SetSize(spatial, width, height);
            }
        }
        else if (media.StartsDecoding && track.Codec.Is("VP9") && Vp9Descriptor.TryRead(media.Payload, out var vp9) && vp9.SpatialLayers > 0)
        {
            if (media.Layer.Structure is null) track.Layers.Limit(vp9.SpatialLayers);
            for (var spatial = 0; spatial < vp9.SpatialLayers; spatial++)
            {
                if (vp9.TrySize(media.Payload, spatial, out var width, out var height)) track.Layers.SetSize(spatial, width, height);
            }
        }
    }

    static void TellSizes(ReceiveTrack track, in LayersAllocation allocation)
    {
        if (track.IsSimulcast)
        {
            foreach (var encoding in track.Encodings.ToArray())
            {
                if (allocation.TryTopSize(encoding.Index, out var width, out var height) && (width != encoding.Width || height != encoding.Height)) track.Resize(encoding, width, height);
            }

            return;
        }

        for (var spatial = 0; spatial < LayerId.MaxSpatial; spatial++)
        {
            if (allocation.TrySize(0, spatial, out var width, out var height)) track.Layers.SetSize(spatial, width, height);
        }
    }

    static int HighestTarget(DependencyStructure structure)
    {
        var highest = 0;
        for (var target = 1; target < structure.Targets; target++)
        {
            if (structure.LayerOf(target).CompareTo(structure.LayerOf(highest)) > 0) highest = target;
        }

        return highest;
    }

    readonly bool TryFind(ExtensionKind kind, scoped in RtpHeader header, ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> value)
    {
        var id = extensions.IdOf(kind);
        value = default;
        return id != 0 && header.HasExtension && header.Extensions(packet).TryFind(id, out value);
    }
}
