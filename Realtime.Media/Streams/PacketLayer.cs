using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>Where a packet stands among the layers of its stream, and who can do without it. A default value is the only layer there is.</summary>
public readonly record struct PacketLayer
{
    public byte Spatial { get; init; }

    public byte Temporal { get; init; }

    /// <summary>First packet of its layer's frame.</summary>
    public bool StartsFrame { get; init; }

    /// <summary>Last packet of its layer's frame, though the picture may go on above it.</summary>
    public bool EndsFrame { get; init; }

    /// <summary>Nothing this temporal layer brought before is needed from here on.</summary>
    public bool IsSync { get; init; }

    /// <summary>Nothing of earlier pictures is needed: who has the layer below can begin with this one.</summary>
    public bool IsIntra { get; init; }

    /// <summary>Of the layer's pictures; 0 in packets that do not say it.</summary>
    public ushort Width { get; init; }

    public ushort Height { get; init; }

    /// <summary>The structure its dependency descriptor speaks of; null without one.</summary>
    public DependencyStructure? Structure { get; init; }

    /// <summary>How each decode target of the structure relates to this frame, two bits each.</summary>
    public DecodeTargetIndications Indications { get; init; }

    /// <summary>Decode targets that arrive at all, by bit.</summary>
    public uint ActiveTargets { get; init; }

    /// <summary>Where its descriptor says that; 0 in most packets, which do not.</summary>
    public ushort ActiveTargetsPosition { get; init; }

    public bool HasActiveTargets { get; init; }

    /// <summary>What a copy of its descriptor must say instead.</summary>
    public ActiveTargetsEdit Tell(uint forwarded) =>
        Structure is null || ActiveTargetsPosition == 0 || forwarded == ActiveTargets ? default : new(ActiveTargetsPosition, HasActiveTargets, Structure.Targets, forwarded);
}
