using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Sdp;
using Realtime.Media.Srtp;
using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

/// <summary>
/// RTCP of one peer, both ways. About once a second it hears how we received its streams, and where on the clock the streams we
/// send it are; at once it is asked for what is missing. What it reports is taken in; what it missed is sent again; its wishes for key frames
/// become events.
/// </summary>
sealed class PeerFeedback
{
    public const string CnameText = "realtime";

    /// <summary>RFC 3550 §6.2 asks for 5 s unless bandwidth allows more; browsers send video reports each second.</summary>
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A compound must fit any path.</summary>
    const int MaxCompound = 1100;

    /// <summary>Wishes waiting: one datagram names at most a hundred or so sources; more are dropped.</summary>
    const int MaxEvents = 256;

    /// <summary>Packets that one datagram may ask for: more are not looked up.</summary>
    const int MaxRepeats = 256;

    static ReadOnlySpan<byte> Cname => "realtime"u8;

    readonly PeerTransport transport;
    readonly PeerNegotiation negotiation;
    readonly ReceiveStreams incoming;
    readonly PacketSender sender;
    readonly PeerBandwidth bandwidth;
    readonly ProbeSender probes;
    readonly Entropy entropy;
    readonly Queue<PeerEvent> events;
    readonly ReportBlock[] blocks = new ReportBlock[ReportBlock.MaxPerPacket];
    // Reports and feedback name a sender: one of our own that sends no media.
    readonly Ssrc own;
    Instant nextReport = Instant.Never;
    RoundTripEstimate roundTrip = new();

    public PeerFeedback(
        PeerTransport transport, PeerNegotiation negotiation, ReceiveStreams incoming, PacketSender sender, PeerBandwidth bandwidth, Entropy entropy, Queue<PeerEvent> events, Ssrc? own = null)
    {
        this.transport = transport;
        this.negotiation = negotiation;
        this.incoming = incoming;
        this.sender = sender;
        this.bandwidth = bandwidth;
        probes = new ProbeSender(negotiation, sender, bandwidth);
        this.entropy = entropy;
        this.events = events;
        this.own = own ?? new Ssrc(entropy.NextUInt32() | 1);
        Requests = new SourceRequests(transport, incoming, this.own);
        Arrivals = new ArrivalFeedback(transport, incoming, this.own);
    }

    public SourceRequests Requests { get; }

    /// <summary>What the peer is told of its own packets.</summary>
    public ArrivalFeedback Arrivals { get; }

    /// <summary>Null before the first report that tells it.</summary>
    public TimeSpan? RoundTrip => roundTrip.IsKnown ? roundTrip.Value : null;

    public Instant NextDeadline => Instant.Min(
        Instant.Min(nextReport, Requests.NextDeadline), Instant.Min(Arrivals.NextDeadline, Instant.Min(bandwidth.NextDeadline, probes.NextDeadline)));

    public void Start(Instant now) => nextReport = now + Jittered();

    /// <summary>Takes in one opened compound.</summary>
    public DropReason Receive(Instant now, ReadOnlySpan<byte> datagram, Outbox outbox)
    {
        if (!RtcpCompound.TryRead(datagram, out var compound)) return DropReason.Malformed;
        var (repeats, statuses) = (0, PeerBandwidth.StatusBudget);
        foreach (var packet in compound)
        {
            if (SenderReport.TryRead(packet, out var report))
            {
                if (incoming.TryFind(report.Sender, out var stream)) stream.SenderReportArrived(now, report.Info);
                Acknowledge(now, report.Blocks);
            }
            else if (ReceiverReport.TryRead(packet, out var receiver))
            {
                Acknowledge(now, receiver.Blocks);
            }
            else if (GenericNack.TryRead(packet, out var nack))
            {
                Repeat(now, nack, ref repeats, outbox);
            }
            else if (TransportFeedback.TryRead(packet, out var feedback))
            {
                bandwidth.Receive(now, packet, feedback, roundTrip.Value, ref statuses);
                probes.Tick(now, outbox);
            }
            else if (Remb.TryRead(packet, out var remb))
            {
                bandwidth.TakeLimit(remb.Bitrate);
            }
            else if (PictureLossIndication.TryRead(packet, out var indication))
            {
                if (FindOutgoing(indication.Media) is { } stream) WishKeyframe(stream);
            }
            else if (FullIntraRequest.TryRead(packet, out var request))
            {
                for (var i = 0; i < request.Count; i++)
                {
                    if (FindOutgoing(request[i].Media) is { } stream && stream.TakeFir(request[i].Sequence)) WishKeyframe(stream);
                }
            }
        }

        return DropReason.None;
    }

    public void Tick(Instant now, Outbox outbox)
    {
        Requests.Send(now, outbox);
        Arrivals.Send(now, outbox);
        bandwidth.Release(now, outbox);
        if (now >= probes.NextDeadline) probes.Tick(now, outbox);
        if (now < nextReport) return;
        nextReport = now + Jittered();
        bandwidth.CheckSilence(now);
        SendReports(now, outbox);
    }

    void SendReports(Instant now, Outbox outbox)
    {
        const int room = MaxCompound - SrtpProfiles.MaxRtcpOverhead;
        if (!outbox.TryReserve(MaxCompound, out var buffer)) return;
        var count = 0;
        foreach (var entry in incoming.All)
        {
            if (count < blocks.Length && entry.Stream.TryTakeReport(now, out blocks[count])) count++;
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

    void Acknowledge(Instant now, ReportBlocks blocks)
    {
        for (var i = 0; i < blocks.Count; i++)
        {
            var block = blocks[i];
            if (FindOutgoing(block.Ssrc) is not { } stream) continue;
            stream.Reported(now, block);
            if (stream.TryRoundTrip(now, block, out var sample)) roundTrip.Add(sample);
        }
    }

    void Repeat(Instant now, in GenericNack nack, ref int repeats, Outbox outbox)
    {
        if (FindOutgoing(nack.Media) is not { } stream) return;
        stream.Acknowledge();
        foreach (var missed in nack)
        {
            if (++repeats > MaxRepeats) return;
            sender.Repeat(now, missed, stream, roundTrip.Value, outbox);
        }
    }

    void WishKeyframe(SendStream stream)
    {
        if (stream.Kind != SectionKind.Video) return;
        stream.KeyframeWished();
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
