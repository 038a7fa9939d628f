using Realtime.Media.Core;

namespace Realtime.Media.Rtp;

/// <summary>
/// What a stream's dependency descriptors speak of (av1-rtp-spec §A.8.2): templates of frames, and for each decode target (a spatial and a temporal layer that can be
/// shown) which of them it needs. Sent with key frames; never changes after it was read.
/// </summary>
public sealed class DependencyStructure
{
    public const int MaxTargets = 32;
    public const int MaxTemplates = 64;
    const int MaxLayers = 8;

    readonly struct Template
    {
        public byte Spatial { get; init; }

        public byte Temporal { get; init; }
    }

    readonly Template[] templates;
    readonly DecodeTargetIndications[] indications;
    readonly Template[] targets;
    readonly uint[] contained;
    readonly (ushort Width, ushort Height)[] resolutions;

    DependencyStructure(int offset, Template[] templates, DecodeTargetIndications[] indications, int targetCount, int chains, (ushort Width, ushort Height)[] resolutions)
    {
        Offset = offset;
        Chains = chains;
        this.templates = templates;
        this.indications = indications;
        this.resolutions = resolutions;
        targets = new Template[targetCount];
        contained = new uint[targetCount];
        for (var target = 0; target < targetCount; target++) Describe(target);
    }

    /// <summary>Of the first template's id.</summary>
    public int Offset { get; }

    public int Chains { get; }

    public int Targets => targets.Length;

    public int SpatialLayers => templates[^1].Spatial + 1;

    public uint AllTargets => targets.Length == MaxTargets ? uint.MaxValue : (1u << targets.Length) - 1;

    /// <summary>The layer that a decode target shows.</summary>
    public (int Spatial, int Temporal) LayerOf(int target) => (targets[target].Spatial, targets[target].Temporal);

    /// <summary>Whoever has all of <paramref name="outer"/> has all of <paramref name="inner"/> as well: it can change over at any frame.</summary>
    public bool Contains(int outer, int inner) => (contained[outer] & (1u << inner)) != 0;

    /// <summary>False: this target is shown without the frames of the layers below it, but for key frames.</summary>
    public bool BuildsOnLower(int target)
    {
        for (var i = 0; i < templates.Length; i++)
        {
            if (templates[i].Spatial < targets[target].Spatial && templates[i].Temporal <= targets[target].Temporal && indications[i][target] == DecodeTargetIndication.NotPresent) return false;
        }

        return true;
    }

    /// <summary>0 when it is not told.</summary>
    public (ushort Width, ushort Height) ResolutionOf(int spatial) => spatial < resolutions.Length ? resolutions[spatial] : default;

    /// <summary>False for a template that the structure does not have.</summary>
    public bool TryTemplate(int id, out int spatial, out int temporal, out DecodeTargetIndications frame)
    {
        var index = (id + MaxTemplates - Offset) % MaxTemplates;
        (spatial, temporal, frame) = (0, 0, default);
        if (index >= templates.Length) return false;
        (spatial, temporal, frame) = (templates[index].Spatial, templates[index].Temporal, indications[index]);
        return true;
    }

    /// <summary>Null when it makes no sense.</summary>
    public static DependencyStructure? Read(ref BitReader bits)
    {
        var offset = (int)bits.Read(6);
        var targetCount = (int)bits.Read(5) + 1;
        if (ReadLayers(ref bits) is not { } templates) return null;
        var indications = new DecodeTargetIndications[templates.Length];
        foreach (ref var frame in indications.AsSpan())
        {
            for (var target = 0; target < targetCount; target++) frame = frame.With(target, bits.Read(2));
        }

        for (var i = 0; i < templates.Length; i++)
        {
            // How far back the frames lie that it depends on: nothing that forwarding asks for.
            while (bits.ReadFlag()) bits.Read(4);
        }

        var chains = (int)bits.ReadBelow((uint)targetCount + 1);
        if (chains > 0)
        {
            for (var target = 0; target < targetCount; target++) bits.ReadBelow((uint)chains);
            for (var i = 0; i < templates.Length * chains; i++) bits.Read(4);
        }

        (ushort Width, ushort Height)[] resolutions = [];
        if (bits.ReadFlag())
        {
            resolutions = new (ushort Width, ushort Height)[templates[^1].Spatial + 1];
            foreach (ref var resolution in resolutions.AsSpan()) resolution = (ReadSize(ref bits), ReadSize(ref bits));
        }

        return bits.Failed ? null : new DependencyStructure(offset, templates, indications, targetCount, chains, resolutions);
    }

    /// <summary>65536 cannot be told in what holds it here, and no camera has it.</summary>
    static ushort ReadSize(ref BitReader bits) => (ushort)Math.Min(bits.Read(16) + 1, ushort.MaxValue);

    static Template[]? ReadLayers(ref BitReader bits)
    {
        var read = new Template[MaxTemplates];
        var (count, spatial, temporal) = (0, 0, 0);
        while (count < MaxTemplates)
        {
            read[count++] = new Template { Spatial = (byte)spatial, Temporal = (byte)temporal };
            switch (bits.Read(2))
            {
                case 1:
                    temporal++;
                    break;
                case 2:
                    temporal = 0;
                    spatial++;
                    break;
                case 3:
                    return read[..count];
            }

            if (bits.Failed || spatial >= MaxLayers || temporal >= MaxLayers) return null;
        }

        return null;
    }

    void Describe(int target)
    {
        var (spatial, temporal) = (0, 0);
        var inside = AllTargets;
        for (var i = 0; i < templates.Length; i++)
        {
            if (indications[i][target] == DecodeTargetIndication.NotPresent)
            {
                for (var other = 0; other < targets.Length; other++)
                {
                    if (indications[i][other] != DecodeTargetIndication.NotPresent) inside &= ~(1u << other);
                }
            }
            else
            {
                spatial = Math.Max(spatial, templates[i].Spatial);
                temporal = Math.Max(temporal, templates[i].Temporal);
            }
        }

        targets[target] = new Template { Spatial = (byte)spatial, Temporal = (byte)temporal };
        contained[target] = inside;
    }
}
