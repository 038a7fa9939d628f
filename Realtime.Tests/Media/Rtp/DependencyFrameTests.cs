using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Xunit;

namespace Realtime.Tests.Media.Rtp;

public sealed class DependencyFrameTests
{
    /// <summary>Two sizes with two rates each; targets in the order S0T0, S0T1, S1T0, S1T1; the upper one is shown without the lower but for key frames.</summary>
    internal static readonly (int, int, string)[] KeyOnly = [(0, 0, "SSSS"), (0, 0, "SS--"), (0, 1, "-D--"), (1, 0, "--SS"), (1, 0, "--SS"), (1, 1, "---D")];

    /// <summary>The same, every picture of the upper building on the lower.</summary>
    internal static readonly (int, int, string)[] Full = [(0, 0, "SSSS"), (0, 0, "SSRR"), (0, 1, "-D-R"), (1, 0, "--SS"), (1, 0, "--RR"), (1, 1, "---D")];

    internal static readonly (ushort, ushort)[] Sizes = [(320, 180), (640, 360)];

    [Fact]
    public void A_structure_says_what_its_templates_and_targets_are()
    {
        var bytes = DescriptorBits.WithStructure(700, 10, 4, KeyOnly, Sizes);
        Assert.True(DependencyFrame.TryRead(bytes, null, out var key));
        Assert.True(key is { StartsFrame: true, EndsFrame: true, BringsStructure: true, Spatial: 0, Temporal: 0, HasActiveTargets: false });
        Assert.True(key.ActiveTargets == 0xF);
        var structure = key.Structure;
        Assert.Equal((4, 2, 1), (structure.Targets, structure.SpatialLayers, structure.Chains));
        Assert.Equal([(0, 0), (0, 1), (1, 0), (1, 1)], Enumerable.Range(0, 4).Select(structure.LayerOf));
        Assert.True(structure.ResolutionOf(0) == (320, 180));
        Assert.True(structure.ResolutionOf(1) == (640, 360));
        Assert.True(structure.ResolutionOf(2) == (0, 0));

        Assert.True(DependencyFrame.TryRead(DescriptorBits.Mandatory(true, false, 15, 701).ToBytes(), structure, out var upper));
        Assert.Same(structure, upper.Structure);
        Assert.Equal((1, 1, true, false, 0), (upper.Spatial, upper.Temporal, upper.StartsFrame, upper.EndsFrame, upper.ActiveTargetsPosition));
        Assert.Equal([DecodeTargetIndication.NotPresent, DecodeTargetIndication.NotPresent, DecodeTargetIndication.NotPresent, DecodeTargetIndication.Discardable], Enumerable.Range(0, 4).Select(target => upper.Indications[target]));
        Assert.Null(upper.ActiveTargets);
    }

    [Fact]
    public void It_is_known_which_targets_lie_within_which()
    {
        DependencyFrame.TryRead(DescriptorBits.WithStructure(1, 0, 4, KeyOnly, []), null, out var keyOnly);
        DependencyFrame.TryRead(DescriptorBits.WithStructure(1, 0, 4, Full, []), null, out var full);
        Assert.True(keyOnly.Structure.Contains(3, 2) && keyOnly.Structure.Contains(1, 0));
        Assert.False(keyOnly.Structure.Contains(3, 0) || keyOnly.Structure.Contains(2, 3));
        Assert.True(full.Structure.Contains(3, 0) && full.Structure.Contains(3, 1) && full.Structure.Contains(2, 0));
        Assert.False(keyOnly.Structure.BuildsOnLower(3));
        Assert.True(full.Structure.BuildsOnLower(3));
    }

    [Fact]
    public void Which_targets_arrive_is_put_in_or_overwritten_and_all_else_stays()
    {
        foreach (uint? told in new uint?[] { null, 0b1111, 0b0101 })
        {
            var bytes = DescriptorBits.WithStructure(700, 10, 4, KeyOnly, Sizes, told);
            Assert.True(DependencyFrame.TryRead(bytes, null, out var before));
            Assert.True(before.ActiveTargets == (told ?? 0b1111));
            var edit = new ActiveTargetsEdit(before.ActiveTargetsPosition, before.HasActiveTargets, 4, 0b0011);
            var copy = new byte[DependencyDescriptor.LengthWithTargets(bytes.Length, edit)];
            DependencyDescriptor.WriteActiveTargets(bytes, edit, copy);
            Assert.True(DependencyFrame.TryRead(copy, null, out var after));
            Assert.True(after.HasActiveTargets);
            Assert.True(after.ActiveTargets == 0b0011);
            Assert.Equal((before.Spatial, before.Temporal, before.Indications), (after.Spatial, after.Temporal, after.Indications));
            Assert.True(after.Structure.ResolutionOf(1) == (640, 360));
        }
    }

    [Fact]
    public void A_frames_own_indications_come_before_its_templates()
    {
        DependencyFrame.TryRead(DescriptorBits.WithStructure(1, 0, 4, Full, []), null, out var key);
        // No structure, no active targets, own indications, neither own distances nor chains; then S, -, -, D.
        var bytes = DescriptorBits.Mandatory(true, true, 1, 2).Put(5, 0b00100).Put(8, 0b10_00_00_01).ToBytes();
        Assert.True(DependencyFrame.TryRead(bytes, key.Structure, out var frame));
        Assert.Equal([DecodeTargetIndication.Switch, DecodeTargetIndication.NotPresent, DecodeTargetIndication.NotPresent, DecodeTargetIndication.Discardable], Enumerable.Range(0, 4).Select(target => frame.Indications[target]));
    }

    [Fact]
    public void Without_its_structure_or_cut_short_nothing_is_read()
    {
        var bytes = DescriptorBits.WithStructure(1, 0, 4, Full, Sizes);
        Assert.False(DependencyFrame.TryRead([0xC0, 0, 1], null, out _));
        for (var length = 0; length < bytes.Length - 1; length++) Assert.False(DependencyFrame.TryRead(bytes.AsSpan(0, length), null, out _));
        DependencyFrame.TryRead(bytes, null, out var key);
        // A template that it does not have.
        Assert.False(DependencyFrame.TryRead(DescriptorBits.Mandatory(true, true, 6, 2).ToBytes(), key.Structure, out _));
    }

    [Fact]
    public void Numbers_below_a_limit_take_as_few_bits_as_they_can()
    {
        // ns(5): 0, 1, 2 in two bits, 3 and 4 in three.
        var bits = new BitReader([0b00_01_10_11, 0b0_111_0000]);
        for (var value = 0u; value < 5; value++) Assert.Equal(value, bits.ReadBelow(5));
        Assert.False(bits.Failed);
    }
}
