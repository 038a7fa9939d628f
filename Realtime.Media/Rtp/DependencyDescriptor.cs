using System.Buffers.Binary;

namespace Realtime.Media.Rtp;

/// <summary>
/// The mandatory fields of a dependency descriptor (av1-rtp-spec §A.8.2); what follows is forwarded as it is.
/// <code>|S|E| template id (6) | frame number (16) | …</code>
/// </summary>
public static class DependencyDescriptor
{
    public const int MandatoryLength = 3;

    /// <param name="descriptor">At least <see cref="MandatoryLength"/> bytes.</param>
    public static ushort FrameNumber(ReadOnlySpan<byte> descriptor) => BinaryPrimitives.ReadUInt16BigEndian(descriptor[1..]);

    public static void SetFrameNumber(Span<byte> descriptor, ushort number) => BinaryPrimitives.WriteUInt16BigEndian(descriptor[1..], number);
}
