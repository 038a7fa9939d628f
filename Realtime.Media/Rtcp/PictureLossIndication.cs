using Realtime.Media.Core;

namespace Realtime.Media.Rtcp;

/// <summary>"I lost the picture, send a key frame" (RFC 4585 §6.3.1). <code>| sender SSRC | media SSRC |</code></summary>
public readonly record struct PictureLossIndication(Ssrc Sender, Ssrc Media)
{
    public static bool TryRead(in RtcpPacket packet, out PictureLossIndication indication)
    {
        var isRead = Feedback.TryRead(packet, RtcpPacketType.PayloadFeedback, FeedbackFormat.PictureLossIndication, out var sender, out var media, out _);
        indication = new PictureLossIndication(sender, media);
        return isRead;
    }

    public bool Write(ref RtcpWriter writer) =>
        writer.TryBeginFeedback(RtcpPacketType.PayloadFeedback, FeedbackFormat.PictureLossIndication, Sender, Media, 0, out _);
}
