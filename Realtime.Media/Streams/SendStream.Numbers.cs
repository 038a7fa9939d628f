using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>The running numbers inside a subscriber's copy.</summary>
public sealed partial class SendStream
{
    /// <summary>True when the copy's payload descriptor must be overwritten with these; for the packet that <see cref="TryNext"/> or <see cref="TryRepeat"/> gave last.</summary>
    public bool TryRenumber(in MediaPacket packet, out ushort pictureId, out byte tl0PicIdx)
    {
        if (packet.Numbers.HasPictureId) return pictures.TryMap(packet.Numbers, picturesLeftOut, out pictureId, out tl0PicIdx);
        pictureId = 0;
        tl0PicIdx = 0;
        return false;
    }

    /// <summary>Puts this stream's frame number into the copy of a dependency descriptor.</summary>
    public void Renumber(Span<byte> dependencyDescriptor)
    {
        if (dependencyDescriptor.Length < DependencyDescriptor.MandatoryLength) return;
        DependencyDescriptor.SetFrameNumber(dependencyDescriptor, frames.Map(DependencyDescriptor.FrameNumber(dependencyDescriptor)));
    }
}
