using System.Buffers.Binary;
using System.Numerics;
using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;

namespace Realtime.Tests.Media.Harness;

/// <summary>What it says and hears in RTCP: reports, key frames, what is missing.</summary>
sealed partial class TestPeer
{
    public int KeyframeRequests { get; private set; }

    public int FullIntraRequests { get; private set; }

    /// <summary>Its reports tell the round trip.</summary>
    public bool EchoesReports { get; set; }

    /// <summary>Asks for what it misses, and sends again what it is asked for.</summary>
    public bool Repairs { get; set; }

    /// <summary>Sequence numbers it was asked for.</summary>
    public int NackedNumbers { get; private set; }

    public int RepeatsSent { get; private set; }

    public int ReportsReceived { get; private set; }

    /// <summary>Tells the server when its packets arrived.</summary>
    public bool GivesFeedback { get; set; } = true;

    /// <summary>Of its own packets the server told that they arrived …</summary>
    public int ToldArrived { get; private set; }

    /// <summary>… or did not.</summary>
    public int ToldLost { get; private set; }

    public void SendRemb(Bitrate estimate, Outbox outbox)
    {
        var exponent = Math.Max(0, 64 - BitOperations.LeadingZeroCount((ulong)estimate.BitsPerSecond) - 18);
        // draft-alvestrand-rmcat-remb-03 §2.2; no SSRCs named.
        byte[] packet = [0x8F, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, (byte)'R', (byte)'E', (byte)'M', (byte)'B', 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), ((uint)exponent << 18) | (uint)(estimate.BitsPerSecond >> exponent));
        SendRtcp(packet, outbox);
    }

    public void SendPli(string mid, Outbox outbox) => SendRtcp(outbox, (ref RtcpWriter writer) =>
        new PictureLossIndication(sources.Count > 0 ? sources[0].Ssrc : new Ssrc(1), tracks[mid].Ssrc).Write(ref writer));

    public void SendFir(string mid, byte number, Outbox outbox) => SendRtcp(outbox, (ref RtcpWriter writer) =>
        FullIntraRequest.Write(ref writer, sources.Count > 0 ? sources[0].Ssrc : new Ssrc(1), new FullIntraRequest.Entry(tracks[mid].Ssrc, number)));

    public void SendNack(string mid, SequenceNumber[] missing, Outbox outbox) => SendRtcp(outbox, (ref RtcpWriter writer) =>
        GenericNack.Write(ref writer, sources.Count > 0 ? sources[0].Ssrc : new Ssrc(1), tracks[mid].Ssrc, missing));

    /// <summary>Any packet, protected like a good one: what a participant can do that means no good. False: SRTP itself would not send it.</summary>
    public bool SendRtp(ReadOnlySpan<byte> packet, Outbox outbox)
    {
        if (srtp is null || !RtpHeader.TryReadProtected(packet, out var header) || !outbox.TryReserve(packet.Length + 64, out var buffer)) return false;
        if (srtp.Sender.Protect(packet[..header.HeaderLength], packet[header.HeaderLength..], buffer, out var length) != DropReason.None) return false;
        outbox.Commit(Server, length);
        return true;
    }

    /// <summary>Any bytes as RTCP.</summary>
    public bool SendRtcp(ReadOnlySpan<byte> packet, Outbox outbox)
    {
        if (srtp is null || !outbox.TryReserve(packet.Length + 64, out var buffer)) return false;
        if (srtp.ControlSender.Protect(packet, buffer, out var length) != DropReason.None) return false;
        outbox.Commit(Server, length);
        return true;
    }

    delegate void RtcpBody(ref RtcpWriter writer);

    void TellArrivals(Instant now, Outbox outbox)
    {
        while (srtp is not null && now >= arrivals.NextDeadline && outbox.TryReserve(1500, out var buffer))
        {
            var writer = new RtcpWriter(buffer[..1100]);
            if (!arrivals.TryWrite(now, ref writer, new Ssrc(1), new Ssrc(2))) return;
            if (srtp.ControlSender.Protect(buffer[..writer.Length], buffer, out var length) == DropReason.None) outbox.Commit(Server, length);
        }
    }

    void AskAgain(Instant now, Outbox outbox)
    {
        foreach (var (mid, track) in tracks)
        {
            if (track.Missing.TakeDue(now) is { Length: > 0 } due) SendNack(mid, due, outbox);
        }
    }

    /// <summary>As RTX (RFC 4588), with its own number before the payload.</summary>
    void Repeat(TestSource source, SequenceNumber sequence, Outbox outbox)
    {
        if (source.RtxPayloadType is not { } type || !source.History.TryGet(sequence, out var fields, out var payload)) return;
        byte[] repeated = [(byte)(sequence.Value >> 8), (byte)sequence.Value, .. payload];
        source.RtxSequence = source.RtxSequence.Next;
        RepeatsSent++;
        Send(source, fields with { PayloadType = type, Sequence = source.RtxSequence, Ssrc = source.RtxSsrc }, repeated, outbox);
    }

    void SendReports(Instant now, Outbox outbox)
    {
        foreach (var source in sources)
        {
            if (source.PacketsSent == 0) continue;
            var info = new SenderInfo(NtpTime.At(now + ClockShift), source.TimestampAt(now), (uint)source.PacketsSent, (uint)source.BytesSent);
            SendRtcp(outbox, (ref RtcpWriter writer) => SenderReport.Write(ref writer, source.Ssrc, info, []));
        }

        var own = sources.Count > 0 ? sources[0].Ssrc : new Ssrc(1);
        foreach (var track in tracks.Values.Where(track => track.Packets.Count > 0))
        {
            var (at, heard) = EchoesReports && track.Reports.Count > 0 ? track.Reports[^1] : default;
            var block = new ReportBlock(track.Ssrc, 0, 0, track.Packets[^1].Sequence.Value, 0, heard.Ntp.Middle, heard.Ntp.Middle == 0 ? 0 : NtpTime.ToMiddle(now - at));
            SendRtcp(outbox, (ref RtcpWriter writer) => ReceiverReport.Write(ref writer, own, [block]));
        }
    }

    void SendRtcp(Outbox outbox, RtcpBody body)
    {
        if (srtp is null || !outbox.TryReserve(1500, out var buffer)) return;
        var writer = new RtcpWriter(buffer[..1400]);
        body(ref writer);
        if (srtp.ControlSender.Protect(buffer[..writer.Length], buffer, out var length) == DropReason.None) outbox.Commit(Server, length);
    }

    void ReceiveRtcp(Instant now, Span<byte> datagram, Outbox outbox)
    {
        if (srtp is null || srtp.ControlReceiver.Unprotect(datagram, out var length) != DropReason.None || !RtcpCompound.TryRead(datagram[..length], out var compound))
        {
            BadPackets++;
            return;
        }

        foreach (var packet in compound)
        {
            if (PictureLossIndication.TryRead(packet, out var pli))
            {
                KeyframeRequests++;
                foreach (var source in sources.Where(source => source.Ssrc == pli.Media)) source.KeyframeWanted = true;
            }
            else if (FullIntraRequest.TryRead(packet, out var fir))
            {
                FullIntraRequests++;
                var media = fir[0].Media;
                foreach (var source in sources.Where(source => source.Ssrc == media)) source.KeyframeWanted = true;
            }
            else if (GenericNack.TryRead(packet, out var nack))
            {
                var media = nack.Media;
                var source = sources.FirstOrDefault(source => source.Ssrc == media);
                foreach (var number in nack)
                {
                    NackedNumbers++;
                    if (Repairs && source is not null) Repeat(source, number, outbox);
                }
            }
            else if (TransportFeedback.TryRead(packet, out var feedback) && TransportFeedbackStatuses.TryRead(packet, feedback, out var statuses))
            {
                while (statuses.TryNext(out var isReceived, out _))
                {
                    if (isReceived) ToldArrived++;
                    else ToldLost++;
                }
            }
            else if (SenderReport.TryRead(packet, out var report))
            {
                if (incoming.TryGetValue(report.Sender, out var section)) tracks[section.Mid].Reports.Add((now, report.Info));
            }
            else if (ReceiverReport.TryRead(packet, out var received) && received.Blocks.Count > 0)
            {
                ReportsReceived++;
                for (var i = 0; i < received.Blocks.Count; i++)
                {
                    var named = received.Blocks[i].Ssrc;
                    foreach (var source in sources.Where(source => source.Ssrc == named)) source.IsAcknowledged = true;
                }
            }
        }
    }
}
