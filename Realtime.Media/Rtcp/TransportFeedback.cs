using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Rtcp;

/// <summary>
/// The head of transport-wide congestion feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
/// <code>| sender SSRC | media SSRC | base sequence (16) | status count (16) | reference time (24, signed, 64 ms) | feedback count (8) | …</code>
/// </summary>
/// <param name="ReferenceTime">In units of 64 ms.</param>
public readonly record struct TransportFeedback(Ssrc Sender, Ssrc Media, SequenceNumber BaseSequence, int StatusCount, int ReferenceTime, byte FeedbackCount)
{
    public static bool TryRead(in RtcpPacket packet, out TransportFeedback feedback)
    {
        feedback = default;
        if (!Feedback.TryRead(packet, RtcpPacketType.TransportFeedback, FeedbackFormat.TransportWideCc, out var sender, out var media, out var information)) return false;
        var reader = new SpanReader(information);
        if (!reader.TryReadUInt16(out var sequence) || !reader.TryReadUInt16(out var count)
            || !reader.TryReadUInt24(out var time) || !reader.TryReadByte(out var feedbackCount))
        {
            return false;
        }

        feedback = new TransportFeedback(sender, media, new SequenceNumber(sequence), count, (int)(time << 8) >> 8, feedbackCount);
        return true;
    }
}
