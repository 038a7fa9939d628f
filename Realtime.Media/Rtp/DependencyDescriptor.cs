using System.Buffers.Binary;

namespace Realtime.Media.Rtp;

/// <summary>
/// What forwarding writes into a dependency descriptor (av1-rtp-spec §A.8.2): the frame number, and which decode targets arrive; the rest stays as it is.
/// <code>|S|E| template id (6) | frame number (16) | …</code>
/// </summary>
public static class DependencyDescriptor
{
    public const int MandatoryLength = 3;
    const int HasTargetsBit = (MandatoryLength * 8) + 1;

    /// <param name="descriptor">At least <see cref="MandatoryLength"/> bytes.</param>
    public static ushort FrameNumber(ReadOnlySpan<byte> descriptor) => BinaryPrimitives.ReadUInt16BigEndian(descriptor[1..]);

    public static void SetFrameNumber(Span<byte> descriptor, ushort number) => BinaryPrimitives.WriteUInt16BigEndian(descriptor[1..], number);

    /// <summary>Bytes of a copy that <see cref="WriteActiveTargets"/> makes.</summary>
    public static int LengthWithTargets(int length, in ActiveTargetsEdit edit) => length + (edit.IsPresent ? 0 : (edit.Count + 7) / 8);

    /// <summary>Copies a descriptor that is longer than its mandatory part, and says in it which decode targets arrive.</summary>
    /// <param name="copy">As long as <see cref="LengthWithTargets"/> says.</param>
    public static void WriteActiveTargets(ReadOnlySpan<byte> descriptor, in ActiveTargetsEdit edit, Span<byte> copy)
    {
        copy.Clear();
        var to = 0;
        for (var from = 0; ; from++)
        {
            if (from == edit.Position)
            {
                for (var target = edit.Count - 1; target >= 0; target--) SetBit(copy, to++, ((edit.Active >> target) & 1) != 0);
                if (edit.IsPresent) from += edit.Count;
            }

            if (from >= descriptor.Length * 8) return;
            SetBit(copy, to++, from == HasTargetsBit || (descriptor[from >> 3] & (0x80 >> (from & 7))) != 0);
        }
    }

    static void SetBit(Span<byte> bytes, int position, bool value)
    {
        if (value) bytes[position >> 3] |= (byte)(0x80 >> (position & 7));
    }
}

/// <summary>Where and what of a descriptor's active decode targets; nothing to do in a default value.</summary>
/// <param name="Position">In bits.</param>
/// <param name="IsPresent">The descriptor has them already; otherwise they are put in.</param>
/// <param name="Count">One bit each.</param>
public readonly record struct ActiveTargetsEdit(int Position, bool IsPresent, int Count, uint Active)
{
    public bool IsNeeded => Position > 0 && Active != 0;
}
