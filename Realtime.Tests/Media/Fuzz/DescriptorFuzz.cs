using Realtime.Media.Rtp;
using Realtime.Media.Streams;
using Realtime.Tests.Media.Rtp;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>Dependency descriptors: their structures, what is chosen by them, and copies that say which targets arrive.</summary>
public sealed class DescriptorFuzz
{
    readonly byte[] copy = new byte[512];
    DependencyStructure? structure;
    LayerFilter filter = new();

    [Fact]
    public void Every_descriptor_is_refused_or_read_and_copied_within_its_bounds() =>
        // A structure is an object of its own, bounded by its targets and templates; it comes with key frames alone.
        new Fuzzer("dependency descriptors", 30_000, Corpus(), maxLength: 255) { AllowedBytes = 8192 }.Run(Check);

    void Check(byte[] descriptor)
    {
        if (!DependencyFrame.TryRead(descriptor, structure, out var frame)) return;
        structure = frame.Structure;
        Promise.Holds(frame.ActiveTargetsPosition <= descriptor.Length * 8, "the targets stand in the descriptor");
        var layer = new PacketLayer
        {
            Spatial = (byte)frame.Spatial,
            Temporal = (byte)frame.Temporal,
            StartsFrame = frame.StartsFrame,
            EndsFrame = frame.EndsFrame,
            Structure = structure,
            Indications = frame.Indications,
            ActiveTargets = frame.ActiveTargets ?? structure.AllTargets,
            ActiveTargetsPosition = (ushort)frame.ActiveTargetsPosition,
            HasActiveTargets = frame.HasActiveTargets,
        };
        filter.Select(new LayerId(descriptor[0] & 3, descriptor[^1] & 3));
        filter.Takes(layer, frame.BringsStructure);
        Promise.Holds(filter.Current is { Spatial: < 8, Temporal: < 8 }, "a layer that there is");
        var edit = layer.Tell(filter.ForwardedTargets);
        if (!edit.IsNeeded) return;
        var length = DependencyDescriptor.LengthWithTargets(descriptor.Length, edit);
        DependencyDescriptor.WriteActiveTargets(descriptor, edit, copy.AsSpan(0, length));
        Promise.Holds(DependencyFrame.TryRead(copy.AsSpan(0, length), structure, out var again) && again.ActiveTargets == edit.Active, "a copy says what was to be said");
    }

    static List<byte[]> Corpus() =>
    [
        DescriptorBits.WithStructure(1, 0, 4, DependencyFrameTests.Full, DependencyFrameTests.Sizes),
        DescriptorBits.WithStructure(1, 60, 4, DependencyFrameTests.KeyOnly, [], 0b0011),
        DescriptorBits.Mandatory(true, true, 4, 2).ToBytes(),
        DescriptorBits.Mandatory(true, true, 1, 2).Put(5, 0b01100).Put(4, 5).Put(8, 0x81).ToBytes(),
    ];
}
