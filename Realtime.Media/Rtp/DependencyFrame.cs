using Realtime.Media.Core;

namespace Realtime.Media.Rtp;

/// <summary>
/// A dependency descriptor, read by the structure that is in force (av1-rtp-spec §A.8.2).
/// <code>
/// |S|E| template id (6) | frame number (16) |
/// |structure?|active targets?|dtis?|fdiffs?|chains?| structure … | active targets (one bit each) | …   if longer than three bytes
/// </code>
/// </summary>
public readonly struct DependencyFrame
{
    const int FlagBits = 5;

    public bool StartsFrame { get; private init; }

    public bool EndsFrame { get; private init; }

    /// <summary>The one in force from this frame on; the same object as long as none comes with a frame.</summary>
    public required DependencyStructure Structure { get; init; }

    public bool BringsStructure { get; private init; }

    public int Spatial { get; private init; }

    public int Temporal { get; private init; }

    public DecodeTargetIndications Indications { get; private init; }

    /// <summary>Null when the frame does not say which arrive.</summary>
    public uint? ActiveTargets { get; private init; }

    /// <summary>Where to say which targets arrive, in a descriptor that says it or brings the structure; 0 in others.</summary>
    public int ActiveTargetsPosition { get; private init; }

    public bool HasActiveTargets { get; private init; }

    /// <param name="known">The structure in force; null before the first.</param>
    public static bool TryRead(ReadOnlySpan<byte> descriptor, DependencyStructure? known, out DependencyFrame frame)
    {
        frame = default;
        if (descriptor.Length < DependencyDescriptor.MandatoryLength) return false;
        var template = descriptor[0] & 0x3F;
        var structure = known;
        uint? active = null;
        var (bringsStructure, hasActive, customIndications, position) = (false, false, false, 0);
        var bits = new BitReader(descriptor[DependencyDescriptor.MandatoryLength..]);
        if (descriptor.Length > DependencyDescriptor.MandatoryLength)
        {
            bringsStructure = bits.ReadFlag();
            hasActive = bits.ReadFlag();
            customIndications = bits.ReadFlag();
            bits.Read(FlagBits - 3);
            if (bringsStructure)
            {
                structure = DependencyStructure.Read(ref bits);
                active = structure?.AllTargets;
            }

            if (bringsStructure || hasActive) position = (DependencyDescriptor.MandatoryLength * 8) + bits.Position;
            if (structure is null) return false;
            // The last bit is the first target.
            if (hasActive) active = bits.Read(structure.Targets);
        }

        if (structure is null || !structure.TryTemplate(template, out var spatial, out var temporal, out var indications)) return false;
        if (customIndications)
        {
            indications = default;
            for (var target = 0; target < structure.Targets; target++) indications = indications.With(target, bits.Read(2));
        }

        if (bits.Failed) return false;
        frame = new DependencyFrame
        {
            StartsFrame = (descriptor[0] & 0x80) != 0,
            EndsFrame = (descriptor[0] & 0x40) != 0,
            Structure = structure,
            BringsStructure = bringsStructure,
            Spatial = spatial,
            Temporal = temporal,
            Indications = indications,
            ActiveTargets = active,
            ActiveTargetsPosition = position,
            HasActiveTargets = hasActive,
        };
        return true;
    }
}
