using Realtime.Media.Rtp;
using Realtime.Media.Streams;
using Realtime.Tests.Media.Rtp;
using Xunit;

namespace Realtime.Tests.Media.Streams;

public sealed class LayerFilterTests
{
    [Fact]
    public void More_frames_begin_at_a_sync_point_and_fewer_with_the_next_picture()
    {
        var filter = new LayerFilter();
        filter.Select(new LayerId(0, 2));
        filter.Begin();
        Assert.True(filter.Takes(Vp8(0, isSync: true), startsKeyframe: true));
        filter.Select(new LayerId(0, 0));
        // The rest of the picture under way still comes.
        Assert.True(filter.Takes(Vp8(2) with { StartsFrame = false }, false));
        Assert.Equal([false, false, true, false], Take(ref filter, Vp8(2), Vp8(1), Vp8(0), Vp8(2, isSync: true)));
        filter.Select(new LayerId(0, 2));
        Assert.False(filter.NeedsKeyframe);
        // Not before one says that it needs nothing that was left out.
        Assert.Equal([false, true, true, true], Take(ref filter, Vp8(2), Vp8(0), Vp8(2, isSync: true), Vp8(1)));
    }

    [Fact]
    public void Vp9_shows_a_larger_picture_from_a_key_picture_on_and_a_smaller_one_at_once()
    {
        var filter = new LayerFilter();
        filter.Select(new LayerId(0, 0));
        filter.Begin();
        Assert.Equal([true, false, false], Picture(ref filter, isKey: true));
        Assert.True(filter.EndsPicture(Vp9(0, isKey: false)));
        filter.Select(new LayerId(2, 0));
        Assert.True(filter.NeedsKeyframe);
        Assert.Equal([true, false, false], Picture(ref filter, isKey: false));
        Assert.Equal([true, true, true], Picture(ref filter, isKey: true));
        Assert.False(filter.NeedsKeyframe);
        filter.Select(new LayerId(1, 0));
        Assert.Equal([true, true, false], Picture(ref filter, isKey: false));
        Assert.False(filter.EndsPicture(Vp9(0, isKey: false)));
        Assert.True(filter.EndsPicture(Vp9(1, isKey: false)));
    }

    [Fact]
    public void By_the_descriptor_each_target_gets_its_frames_alone()
    {
        var structure = Structure(DependencyFrameTests.KeyOnly);
        var filter = new LayerFilter();
        filter.Select(new LayerId(1, 1));
        filter.Begin();
        // Template 0 is the key frame, 3 the larger picture on it; then only 4 and 5 concern it.
        Assert.Equal([true, true, false, true, false, true], Frames(ref filter, structure, 0, 3, 1, 4, 2, 5));
        Assert.Equal(new LayerId(1, 1), filter.Current);
        Assert.Equal(0b1100u, filter.ForwardedTargets);

        // Fewer of the same: at once. The smaller picture has not been followed: it needs a key frame.
        filter.Select(new LayerId(1, 0));
        Assert.Equal([false, true, false, false], Frames(ref filter, structure, 1, 4, 2, 5));
        filter.Select(new LayerId(0, 1));
        Assert.True(filter.NeedsKeyframe);
        Assert.Equal([false, true], Frames(ref filter, structure, 2, 4));
        Assert.Equal([true, false, true, true, false], Frames(ref filter, structure, 0, 3, 1, 2, 5));
        Assert.False(filter.NeedsKeyframe);
    }

    [Fact]
    public void Where_layers_build_on_each_other_the_smaller_one_comes_at_once_between_two_pictures()
    {
        var structure = Structure(DependencyFrameTests.Full);
        var filter = new LayerFilter();
        filter.Select(new LayerId(1, 1));
        filter.Begin();
        Assert.Equal([true, true, true], Frames(ref filter, structure, 0, 3, 1));
        filter.Select(new LayerId(0, 1));
        Assert.False(filter.NeedsKeyframe);
        // The picture that has begun is finished: its end is marked in the upper layer.
        Assert.Equal([true, true, false, true, false], Frames(ref filter, structure, 4, 1, 4, 2, 5));
        Assert.True(filter.EndsPicture(new PacketLayer { Spatial = 0, EndsFrame = true }));
        filter.Select(new LayerId(1, 1));
        Assert.True(filter.NeedsKeyframe);
        Assert.Equal([true, false, true, true], Frames(ref filter, structure, 1, 4, 0, 3));
    }

    [Fact]
    public void A_target_that_no_longer_arrives_is_left()
    {
        var structure = Structure(DependencyFrameTests.Full);
        var filter = new LayerFilter();
        filter.Begin();
        Assert.Equal([true, true], Frames(ref filter, structure, 0, 3));
        Assert.True(filter.Takes(Frame(structure, 1) with { ActiveTargets = 0b0011 }, false));
        Assert.Equal(new LayerId(0, 1), filter.Current);
    }

    static PacketLayer Vp8(byte temporal, bool isSync = false) => new() { Temporal = temporal, StartsFrame = true, IsSync = isSync };

    static PacketLayer Vp9(byte spatial, bool isKey) => new() { Spatial = spatial, StartsFrame = true, EndsFrame = true, IsIntra = isKey, IsSync = isKey };

    static bool[] Picture(ref LayerFilter filter, bool isKey) =>
        [filter.Takes(Vp9(0, isKey), isKey), filter.Takes(Vp9(1, isKey), false), filter.Takes(Vp9(2, isKey), false)];

    static bool[] Take(ref LayerFilter filter, params PacketLayer[] packets)
    {
        var taken = new bool[packets.Length];
        for (var i = 0; i < packets.Length; i++) taken[i] = filter.Takes(packets[i], false);
        return taken;
    }

    static bool[] Frames(ref LayerFilter filter, DependencyStructure structure, params int[] templates)
    {
        var taken = new bool[templates.Length];
        for (var i = 0; i < templates.Length; i++) taken[i] = filter.Takes(Frame(structure, templates[i]), templates[i] == 0);
        return taken;
    }

    static PacketLayer Frame(DependencyStructure structure, int template)
    {
        Assert.True(structure.TryTemplate(template, out var spatial, out var temporal, out var indications));
        return new PacketLayer
        {
            Spatial = (byte)spatial,
            Temporal = (byte)temporal,
            StartsFrame = true,
            EndsFrame = true,
            Structure = structure,
            Indications = indications,
            ActiveTargets = structure.AllTargets,
        };
    }

    static DependencyStructure Structure((int, int, string)[] templates)
    {
        Assert.True(DependencyFrame.TryRead(DescriptorBits.WithStructure(1, 0, 4, templates, []), null, out var key));
        return key.Structure;
    }
}
