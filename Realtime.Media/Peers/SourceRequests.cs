using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

/// <summary>What is asked of one publisher about its streams: the packets that are missing, and key frames, by the feedback it negotiated.</summary>
sealed class SourceRequests(PeerTransport transport, ReceiveStreams incoming, Ssrc own)
{
    const int MaxPacket = 1100;

    /// <summary>Per datagram: at most four bytes each.</summary>
    const int MaxNumbers = 200;

    byte nextFir;

    public Instant NextDeadline
    {
        get
        {
            var next = Instant.Never;
            foreach (var entry in incoming.All)
            {
                // Before its first packet nobody hears.
                if (entry.Stream.Ssrc is not null) next = Instant.Min(next, entry.Stream.Keyframes.Deadline);
                if (entry.Stream.Missing is { } missing) next = Instant.Min(next, missing.NextDeadline);
            }

            return next;
        }
    }

    /// <summary>Asks for everything that is due.</summary>
    public void Send(Instant now, Outbox outbox)
    {
        foreach (var entry in incoming.All)
        {
            if (entry.Stream is { Missing: { } missing, Ssrc: { } ssrc }) AskAgain(now, missing, ssrc, outbox);
            // What was given up is mended by a key frame alone.
            if (entry.Stream.Missing?.TakeLoss() == true) entry.Stream.Keyframes.Wish(now);
        }

        SendKeyframeRequests(now, outbox);
    }

    /// <summary>Asks for the key frames that are due.</summary>
    public void SendKeyframeRequests(Instant now, Outbox outbox)
    {
        foreach (var entry in incoming.All)
        {
            var stream = entry.Stream;
            if (stream.Ssrc is not { } ssrc || !stream.Keyframes.TryTake(now)) continue;
            if (!outbox.TryReserve(MaxPacket, out var buffer)) return;
            var writer = Begin(buffer);
            // Who negotiated neither is asked the way everybody knows.
            if (stream.Codec.HasFeedback("ccm fir") && !stream.Codec.HasFeedback("nack pli"))
                FullIntraRequest.Write(ref writer, own, new FullIntraRequest.Entry(ssrc, nextFir++));
            else
                new PictureLossIndication(own, ssrc).Write(ref writer);
            transport.SendRtcp(buffer, writer.Length, outbox);
        }
    }

    void AskAgain(Instant now, NackList missing, Ssrc ssrc, Outbox outbox)
    {
        if (now < missing.NextDeadline || !outbox.TryReserve(MaxPacket, out var buffer)) return;
        Span<SequenceNumber> due = stackalloc SequenceNumber[MaxNumbers];
        var count = missing.TakeDue(now, due);
        if (count == 0) return;
        var writer = Begin(buffer);
        GenericNack.Write(ref writer, own, ssrc, due[..count]);
        transport.SendRtcp(buffer, writer.Length, outbox);
    }

    RtcpWriter Begin(Span<byte> buffer)
    {
        var writer = new RtcpWriter(buffer);
        ReceiverReport.Write(ref writer, own, []);
        return writer;
    }
}
