using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Sdp;
using Realtime.Media.Srtp;
using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

/// <summary>
/// RTCP of one peer, both ways. About once a second it hears how we received its streams, and where on the clock the streams we
/// send it are; at once it is asked for key frames. What it reports is taken in; its wishes for key frames become events.
/// </summary>
sealed class PeerFeedback(PeerTransport transport, PeerNegotiation negotiation, ReceiveStreams incoming, Entropy entropy, Queue<PeerEvent> events)
{
    public const string CnameText = "realtime";

    /// <summary>RFC 3550 §6.2 asks for 5 s unless bandwidth allows more; browsers send video reports each second.</summary>
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A compound must fit any path.</summary>
    const int MaxCompound = 1100;

    /// <summary>Wishes waiting: one datagram names at most a hundred or so sources; more are dropped.</summary>
    const int MaxEvents = 256;

    static ReadOnlySpan<byte> Cname => "realtime"u8;

    readonly ReportBlock[] blocks = new ReportBlock[ReportBlock.MaxPerPacket];
    // Reports and feedback name a sender: one of our own that sends no media.
    readonly Ssrc own = new(entropy.NextUInt32() | 1);
    Instant nextReport = Instant.Never;

    public Instant NextDeadline
    {
        get
        {
            var next = nextReport;
            foreach (var (_, stream) in incoming.All) next = Instant.Min(next, stream.Keyframes.Deadline);
            return next;
        }
    }

    public void Start(Instant now) => nextReport = now + Jittered();

    /// <summary>Takes in one opened compound.</summary>
    public DropReason Receive(Instant now, ReadOnlySpan<byte> datagram)
    {
        if (!RtcpCompound.TryRead(datagram, out var compound)) return DropReason.Malformed;
        foreach (var packet in compound)
        {
            if (SenderReport.TryRead(packet, out var sender))
            {
                if (incoming.TryFind(sender.Sender, out var stream)) stream.SenderReportArrived(now, sender.Info);
                Acknowledge(sender.Blocks);
            }
            else if (ReceiverReport.TryRead(packet, out var receiver))
            {
                Acknowledge(receiver.Blocks);
            }
            else if (PictureLossIndication.TryRead(packet, out var indication))
            {
                WishKeyframe(indication.Media);
            }
            else if (FullIntraRequest.TryRead(packet, out var request))
            {
                for (var i = 0; i < request.Count; i++) WishKeyframe(request[i].Media);
            }
        }

        return DropReason.None;
    }

    public void Tick(Instant now, Outbox outbox)
    {
        SendKeyframeRequests(now, outbox);
        if (now < nextReport) return;
        nextReport = now + Jittered();
        SendReports(now, outbox);
    }

    /// <summary>Asks the peer for the key frames that are due.</summary>
    public void SendKeyframeRequests(Instant now, Outbox outbox)
    {
        foreach (var (_, stream) in incoming.All)
        {
            if (stream.Ssrc is not { } ssrc || !stream.Keyframes.TryTake(now)) continue;
            if (!outbox.TryReserve(MaxCompound, out var buffer)) return;
            var writer = new RtcpWriter(buffer);
            ReceiverReport.Write(ref writer, own, []);
            new PictureLossIndication(own, ssrc).Write(ref writer);
            transport.SendRtcp(buffer, writer.Length, outbox);
        }
    }

    void SendReports(Instant now, Outbox outbox)
    {
        const int room = MaxCompound - SrtpProfiles.MaxRtcpOverhead;
        if (!outbox.TryReserve(MaxCompound, out var buffer)) return;
        var count = 0;
        foreach (var (_, stream) in incoming.All)
        {
            if (count < blocks.Length && stream.TryTakeReport(now, out blocks[count])) count++;
        }

        var writer = new RtcpWriter(buffer[..room]);
        ReceiverReport.Write(ref writer, own, blocks.AsSpan(0, count));
        SourceDescription.Write(ref writer, own, Cname);
        var sections = negotiation.Sections;
        for (var i = 0; i < sections.Count; i++)
        {
            if (sections[i].Outgoing is not { } stream || !stream.TryReport(now, out var info)) continue;
            var before = writer.Length;
            if (SenderReport.Write(ref writer, stream.Ssrc, info, []) && SourceDescription.Write(ref writer, stream.Ssrc, Cname)) continue;
            transport.SendRtcp(buffer, before, outbox);
            if (!outbox.TryReserve(MaxCompound, out buffer)) return;
            writer = new RtcpWriter(buffer[..room]);
            SenderReport.Write(ref writer, stream.Ssrc, info, []);
            SourceDescription.Write(ref writer, stream.Ssrc, Cname);
        }

        transport.SendRtcp(buffer, writer.Length, outbox);
    }

    void Acknowledge(ReportBlocks blocks)
    {
        for (var i = 0; i < blocks.Count; i++) FindOutgoing(blocks[i].Ssrc)?.Acknowledge();
    }

    void WishKeyframe(Ssrc ssrc)
    {
        if (FindOutgoing(ssrc) is not { Kind: SectionKind.Video } stream) return;
        stream.Acknowledge();
        if (events.Count < MaxEvents) events.Enqueue(new PeerEvent(PeerEventKind.KeyframeWished, stream));
    }

    SendStream? FindOutgoing(Ssrc ssrc)
    {
        var sections = negotiation.Sections;
        for (var i = 0; i < sections.Count; i++)
        {
            if (sections[i].Outgoing is { } stream && stream.Ssrc == ssrc) return stream;
        }

        return null;
    }

    // RFC 3550 §6.2: half to one and a half, so that peers do not report in step.
    TimeSpan Jittered() => Interval * (0.5 + entropy.NextDouble());
}
