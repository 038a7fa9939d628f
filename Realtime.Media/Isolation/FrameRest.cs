namespace Realtime.Media.Isolation;

/// <summary>Whether more of a video frame is on its way, by what anybody can see of a packet.</summary>
static class FrameRest
{
    /// <summary>An Opus frame is shorter, so is nearly every RTCP packet.</summary>
    const int LongerThanAudio = 400;

    /// <summary>
    /// A long RTP packet without the marker bit is the beginning or middle of a frame (RFC 7741 §4.1, RFC 6184 §5.1): the rest follows at once, and
    /// leaves in the same runs. All else, audio first of all, waits for nothing.
    /// </summary>
    public static bool Follows(ReadOnlySpan<byte> datagram) => datagram.Length > LongerThanAudio && (datagram[0] & 0xC0) == 0x80 && (datagram[1] & 0x80) == 0;
}
