using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>
/// Keeps PictureID and TL0PICIDX of a subscriber's VP8 or VP9 stream rising by one across changes of source (RFC 7741 §4.2, RFC 9628 §4.2),
/// which receivers use to tell which frames depend on which.
/// </summary>
public struct PictureContinuity
{
    const ushort PictureIdMask = 0x7FFF;

    ushort pictureOffset;
    byte tl0Offset;
    ushort highestPicture;
    byte highestTl0;
    bool hasSent;
    bool running;

    public void Restart() => running = false;

    /// <summary>What to write into the copy of a packet, also when it is sent again. False when its descriptor may stay as it is.</summary>
    /// <param name="leftOut">Pictures since the start that the subscriber did not get and shall not miss.</param>
    public bool TryMap(in PictureNumbers numbers, ushort leftOut, out ushort pictureId, out byte tl0PicIdx)
    {
        if (!running)
        {
            running = true;
            pictureOffset = hasSent ? (ushort)((highestPicture + 1 - numbers.PictureId + leftOut) & PictureIdMask) : (ushort)0;
            tl0Offset = hasSent ? (byte)(highestTl0 + 1 - numbers.Tl0PicIdx) : (byte)0;
        }

        pictureId = (ushort)((numbers.PictureId + pictureOffset - leftOut) & PictureIdMask);
        tl0PicIdx = (byte)(numbers.Tl0PicIdx + tl0Offset);
        if (!hasSent || ((pictureId - highestPicture) & PictureIdMask) < 0x4000) highestPicture = pictureId;
        if (!hasSent || (byte)(tl0PicIdx - highestTl0) < 0x80) highestTl0 = tl0PicIdx;
        hasSent = true;
        return pictureOffset != 0 || tl0Offset != 0 || leftOut != 0;
    }
}
