using System.Buffers.Binary;
using Realtime.Media.Congestion;
using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Media.Srtp;

namespace Realtime.Media.Peers;

/// <summary>Tells a publisher when its packets arrived (transport-wide congestion control), so that it finds the rate its way up carries.</summary>
sealed class ArrivalFeedback(PeerTransport transport, ReceiveStreams incoming, Ssrc own)
{
    const int MaxPacket = 1100;

    /// <summary>More than a ring full of numbers at once is the sender's own doing.</summary>
    const int MaxPackets = 4;

    const int NumberLength = 2;

    readonly ArrivalRecorder recorder = new();

    public Instant NextDeadline => recorder.NextDeadline;

    /// <summary>An authentic packet; one without a number is not told of.</summary>
    public void Arrived(Instant now, in RtpHeader header, ReadOnlySpan<byte> packet, byte extension)
    {
        if (!header.HasExtension || !header.Extensions(packet).TryFind(extension, out var value) || value.Length != NumberLength) return;
        recorder.Arrived(now, new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(value)), packet.Length);
    }

    public void Send(Instant now, Outbox outbox)
    {
        for (var i = 0; i < MaxPackets && now >= recorder.NextDeadline; i++)
        {
            if (!outbox.TryReserve(MaxPacket, out var buffer)) return;
            var writer = new RtcpWriter(buffer[..(MaxPacket - SrtpProfiles.MaxRtcpOverhead)]);
            ReceiverReport.Write(ref writer, own, []);
            if (!recorder.TryWrite(now, ref writer, own, Source())) return;
            transport.SendRtcp(buffer, writer.Length, outbox);
        }
    }

    /// <summary>Any of its streams: the feedback is about the transport.</summary>
    Ssrc Source()
    {
        foreach (var entry in incoming.All)
        {
            if (entry.Stream.Ssrc is { } ssrc) return ssrc;
        }

        return own;
    }
}
