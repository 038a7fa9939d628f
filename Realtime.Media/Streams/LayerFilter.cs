using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>
/// Which packets of one stream a subscriber gets of its layers: fewer from the next picture on, more only where the stream says that nothing is needed that was
/// left out. By the dependency descriptor where there is one (decode targets), otherwise by the marks of VP8 and VP9.
/// </summary>
public struct LayerFilter()
{
    const int NoTarget = -1;

    DependencyStructure? structure;
    uint active;
    int target = NoTarget;
    int next = NoTarget;

    /// <summary>What passes at the moment.</summary>
    public LayerId Current { get; private set; } = LayerId.Best;

    public LayerId Wanted { get; private set; } = LayerId.Best;

    /// <summary>Nothing but a key frame leads from what passes to what is wanted.</summary>
    public readonly bool NeedsKeyframe => structure is null || target == NoTarget
        ? Wanted.Spatial > Current.Spatial
        : next != target && !structure.Contains(target, next) && structure.LayerOf(next).Spatial != structure.LayerOf(target).Spatial;

    /// <summary>Decode targets that can be shown of what passes, by bit; 0 without a descriptor.</summary>
    public readonly uint ForwardedTargets
    {
        get
        {
            if (structure is null || target == NoTarget) return 0;
            var mask = 0u;
            for (var i = 0; i < structure.Targets; i++)
            {
                if (structure.Contains(target, i)) mask |= 1u << i;
            }

            return mask & active;
        }
    }

    /// <summary>Takes effect where the stream allows it.</summary>
    /// <param name="wanted">Not paused: that is the stream's matter as a whole.</param>
    public void Select(LayerId wanted)
    {
        Wanted = wanted;
        if (structure is not null) next = Choose(structure);
    }

    /// <summary>Another stream begins, with a key frame: everything wanted passes from here on.</summary>
    public void Begin()
    {
        structure = null;
        target = next = NoTarget;
        Current = Wanted;
    }

    /// <summary>Whether the packet passes. To be asked once for each packet, in their order.</summary>
    public bool Takes(in PacketLayer packet, bool startsKeyframe)
    {
        if (packet.Structure is not null) return TakesTarget(packet);
        if (startsKeyframe) Current = Wanted;
        else if (packet.StartsFrame) ChangeAt(packet);
        return Passes(packet);
    }

    /// <summary>The same without going on: for packets that are sent again.</summary>
    public readonly bool Passes(in PacketLayer packet) => packet.Structure is not null && packet.Structure == structure && target != NoTarget
        ? packet.Indications[target] != DecodeTargetIndication.NotPresent
        : packet.Spatial <= Current.Spatial && packet.Temporal <= Current.Temporal;

    /// <summary>Last packet of what the subscriber gets of its picture: the layers above are left out.</summary>
    public readonly bool EndsPicture(in PacketLayer packet) => packet.EndsFrame && packet.Spatial >= Current.Spatial;

    /// <summary>Beginnings of a picture change the way down, and up in frames; the marks of a layer's frame the way up in size.</summary>
    void ChangeAt(in PacketLayer packet)
    {
        var (spatial, temporal) = (Current.Spatial, Current.Temporal);
        if (packet.Spatial == 0)
        {
            spatial = Math.Min(spatial, Wanted.Spatial);
            temporal = Math.Min(temporal, Wanted.Temporal);
            if (packet.IsSync && packet.Temporal > temporal && packet.Temporal <= Wanted.Temporal) temporal = packet.Temporal;
        }
        else if (packet.Spatial == spatial + 1 && packet.Spatial <= Wanted.Spatial && packet.IsIntra)
        {
            spatial++;
        }

        Current = new LayerId(spatial, temporal);
    }

    bool TakesTarget(in PacketLayer packet)
    {
        var told = packet.Structure!;
        if (told != structure)
        {
            // It came with a key frame: any target begins here.
            (structure, active) = (told, packet.ActiveTargets);
            target = next = Choose(told);
            Current = LayerOf(target);
        }
        else if (packet.ActiveTargets != active)
        {
            active = packet.ActiveTargets;
            next = Choose(told);
        }

        if (next != target && packet.StartsFrame && CanChangeAt(packet))
        {
            target = next;
            Current = LayerOf(target);
        }

        return packet.Indications[target] != DecodeTargetIndication.NotPresent;
    }

    /// <summary>The top layer changes only between pictures: the picture's last packet is marked by it.</summary>
    readonly bool CanChangeAt(in PacketLayer packet)
    {
        if (packet.Spatial > 0 && structure!.LayerOf(next).Spatial != structure.LayerOf(target).Spatial) return false;
        return packet.Indications[next] == DecodeTargetIndication.Switch || structure!.Contains(target, next);
    }

    readonly LayerId LayerOf(int chosen)
    {
        var (spatial, temporal) = structure!.LayerOf(chosen);
        return new LayerId(spatial, temporal);
    }

    /// <summary>The best target that is wanted and arrives; when none does, the least there is.</summary>
    readonly int Choose(DependencyStructure from)
    {
        var (best, least) = (NoTarget, 0);
        for (var i = 0; i < from.Targets; i++)
        {
            var layer = from.LayerOf(i);
            if (layer.CompareTo(from.LayerOf(least)) < 0) least = i;
            if ((active & (1u << i)) == 0 || layer.Spatial > Wanted.Spatial || layer.Temporal > Wanted.Temporal) continue;
            if (best == NoTarget || layer.CompareTo(from.LayerOf(best)) > 0) best = i;
        }

        return best == NoTarget ? least : best;
    }
}
