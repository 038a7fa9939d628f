namespace Realtime.Tests.Media.Rtp;

/// <summary>Writes dependency descriptors bit by bit, as av1-rtp-spec §A.8.2 has them.</summary>
sealed class DescriptorBits
{
    readonly List<bool> bits = [];

    public DescriptorBits Put(int count, uint value)
    {
        for (var i = count - 1; i >= 0; i--) bits.Add(((value >> i) & 1) != 0);
        return this;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[(bits.Count + 7) / 8];
        for (var i = 0; i < bits.Count; i++)
        {
            if (bits[i]) bytes[i / 8] |= (byte)(0x80 >> (i % 8));
        }

        return bytes;
    }

    public static DescriptorBits Mandatory(bool starts, bool ends, int template, ushort frame) =>
        new DescriptorBits().Put(1, starts ? 1u : 0).Put(1, ends ? 1u : 0).Put(6, (uint)template).Put(16, frame);

    /// <summary>A key frame's, with the structure.</summary>
    /// <param name="templates">Their indications are a letter for each decode target: <c>-</c> not present, D, S, R.</param>
    public static byte[] WithStructure(ushort frame, int offset, int targets, (int Spatial, int Temporal, string Indications)[] templates, (ushort Width, ushort Height)[] sizes, uint? active = null)
    {
        var to = Mandatory(true, true, offset, frame).Put(1, 1).Put(1, active is null ? 0u : 1).Put(3, 0);
        to.Put(6, (uint)offset).Put(5, (uint)targets - 1);
        for (var i = 0; i < templates.Length; i++)
        {
            var next = i + 1 == templates.Length ? 3u : templates[i + 1].Spatial > templates[i].Spatial ? 2u : templates[i + 1].Temporal > templates[i].Temporal ? 1u : 0;
            to.Put(2, next);
        }

        foreach (var (_, _, letters) in templates)
        {
            foreach (var letter in letters) to.Put(2, (uint)"-DSR".IndexOf(letter, StringComparison.Ordinal));
        }

        // Each depends on one frame before.
        foreach (var _ in templates) to.Put(1, 1).Put(4, 0).Put(1, 0);
        PutBelow(to, 1, (uint)targets + 1);
        for (var i = 0; i < targets; i++) PutBelow(to, 0, 1);
        foreach (var _ in templates) to.Put(4, 1);
        to.Put(1, sizes.Length > 0 ? 1u : 0);
        foreach (var (width, height) in sizes) to.Put(16, width - 1u).Put(16, height - 1u);
        if (active is { } mask) to.Put(targets, mask);
        return to.ToBytes();
    }

    /// <summary>ns(n) of AV1 §4.10.7.</summary>
    static void PutBelow(DescriptorBits to, uint value, uint limit)
    {
        var bits = 32 - System.Numerics.BitOperations.LeadingZeroCount(limit);
        var shorter = (1u << bits) - limit;
        if (value < shorter) to.Put(bits - 1, value);
        else to.Put(bits, value + shorter);
    }
}
