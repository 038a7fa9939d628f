using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Media.Ice;
using Realtime.Media.Relay;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Realtime.Media.Srtp;
using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

/// <summary>What all peers of a node share.</summary>
/// <param name="Candidates">The values of the answer's candidate lines.</param>
public sealed record PeerEnvironment(DtlsContext Dtls, Fingerprint Fingerprint, IReadOnlyList<string> Candidates);

/// <summary>
/// One participant's connection: where ICE, DTLS, SRTP, the sections and their streams meet. Sans-IO and single-threaded; what it
/// receives comes out as <see cref="MediaPacket"/>, what others send it goes in by <see cref="Forward"/>.
/// </summary>
public sealed class Peer : IDisposable
{
    readonly PeerEnvironment environment;
    readonly Entropy entropy;
    readonly RelayPath? relay;
    readonly Queue<PeerEvent> events = new();
    readonly ReceiveStreams incoming = new();
    PeerTransport? transport;
    PacketSender? sender;
    PeerBandwidth? bandwidth;
    PeerFeedback? feedback;
    ReceiversReady receivers = new();

    /// <param name="relay">Another part of the room, rather than a client.</param>
    public Peer(PeerEnvironment environment, PeerGrants grants, Entropy entropy, RelayPath? relay = null)
    {
        this.relay = relay;
        this.environment = environment;
        this.entropy = entropy;
        Grants = grants;
        Negotiation = new PeerNegotiation(grants, entropy);
    }

    public PeerGrants Grants { get; }

    public PeerNegotiation Negotiation { get; }

    public PeerState State { get; private set; }

    /// <summary>Whether a key frame sent now would be used.</summary>
    public bool CanShowVideo => State == PeerState.Connected && receivers.Yes;

    /// <summary>Null before the first offer.</summary>
    public IceCredentials? Local => transport?.Local;

    /// <summary>During an ICE restart: also good still.</summary>
    public IceCredentials? PreviousLocal => transport?.PreviousLocal;

    /// <summary>Null before the keys are agreed.</summary>
    public SrtpProfile? Profile => transport?.Profile;

    /// <summary>Null before the first report that tells it.</summary>
    public TimeSpan? RoundTrip => feedback?.RoundTrip;

    /// <summary>Where it is sent to; null before it connected.</summary>
    public NetAddress? Path => transport?.Path;

    /// <inheritdoc cref="Ice.IceLiteAgent.DescribePaths"/>
    public IReadOnlyList<(NetAddress Address, bool IsSelected, Instant LastHeard)> DescribePaths() => transport?.DescribePaths() ?? [];

    public Instant NextDeadline => transport is null || State == PeerState.Closed
        ? Instant.Never
        : Instant.Min(Instant.Min(receivers.Deadline, relay is not null && State == PeerState.Connected ? relay.Link.Channel.NextDeadline : Instant.Never), Instant.Min(transport.NextDeadline, feedback!.NextDeadline));

    /// <summary>The way down to it; null before the first offer.</summary>
    public PeerBandwidth? Bandwidth => bandwidth;

    /// <summary>An authenticated check came from this address.</summary>
    public bool IsValidated(in NetAddress from) => transport is not null && transport.IsValidated(from);

    /// <summary>Something authentic came from this address within the last seconds.</summary>
    public bool IsHeardFrom(Instant now, in NetAddress from) => State != PeerState.Closed && transport is not null && transport.IsHeardFrom(now, from);

    /// <summary>Whether it could answer one of our own checks: we check only the other ends of links.</summary>
    public bool HasAsked(ReadOnlySpan<byte> datagram) => transport is not null && transport.HasAsked(datagram);

    /// <summary>The path's TCP connection ended.</summary>
    public void LosePath(Instant now, in NetAddress path) => transport?.LosePath(now, path);

    /// <summary>The offer is of another peer connection than the earlier ones: certificates are made for each.</summary>
    public bool IsAnother(Offer offer) => Negotiation.Fingerprint is { } known && NegotiationRules.FingerprintOf(offer) is { } offered && offered != known;

    /// <summary>Takes an offer; <see cref="WriteAnswer"/> follows once the sections are bound. On an error nothing has changed.</summary>
    /// <param name="choose">Of the codecs that an offered track may come in, the one it is asked for in.</param>
    public NegotiationError? Apply(Instant now, Offer offer, CodecChooser choose)
    {
        if (State == PeerState.Closed) return new NegotiationError(NegotiationErrorCode.Discontinuity, "sdp", "the peer is closed");
        var before = Negotiation.Remote;
        if (Negotiation.Apply(offer, choose) is { } error) return error;
        incoming.Rebuild(Negotiation.Sections);
        if (transport is null) Open(now);
        else if (Negotiation.Remote != before) transport.RestartIce(entropy);
        return null;
    }

    /// <summary>ICE restart without an offer (RFC 9725 §4.3.3). False: these are the client's credentials already.</summary>
    public bool RestartIce(string ufrag, string pwd)
    {
        if (State == PeerState.Closed || transport is null || !Negotiation.TakeCredentials(ufrag, pwd)) return false;
        transport.RestartIce(entropy);
        HasRestarted = true;
        return true;
    }

    /// <summary>By <see cref="RestartIce"/>, at least once.</summary>
    public bool HasRestarted { get; private set; }

    /// <summary>The server's half of the ICE session as it is now.</summary>
    public string WriteIceFragment() => Negotiation.WriteIceFragment(transport!.Local, environment.Candidates);

    public string WriteAnswer() => Negotiation.WriteAnswer(transport!.Local, environment.Fingerprint, environment.Candidates);

    /// <summary>One datagram. <paramref name="media"/> has a source when it was media to forward; opened in place.</summary>
    public DropReason Receive(Instant now, in NetAddress from, Span<byte> datagram, Outbox outbox, out MediaPacket media)
    {
        media = default;
        if (transport is null || State == PeerState.Closed) return DropReason.PeerClosed;
        switch (DatagramKinds.Classify(datagram))
        {
            case DatagramKind.Stun: return transport.ReceiveStun(now, from, datagram, outbox);
            case DatagramKind.Dtls: return transport.ReceiveDtls(now, from, datagram, outbox);
            case DatagramKind.Rtp: return ReceiveRtp(now, from, datagram, out media);
            case DatagramKind.Rtcp:
                var drop = transport.OpenRtcp(now, from, datagram, out var length);
                if (drop != DropReason.None) return drop;
                HeardFromReceivers();
                if (relay is not null && relay.Link.Channel.TryReceive(datagram[..length])) return DropReason.None;
                return feedback!.Receive(now, datagram[..length], outbox);
            default: return DropReason.UnknownKind;
        }
    }

    /// <summary>Writes another peer's packet into the outbox for this one, in the section that <paramref name="stream"/> is.</summary>
    public DropReason Forward(Instant now, in MediaPacket packet, SendStream stream, Outbox outbox)
    {
        if (State != PeerState.Connected) return DropReason.NoKeys;
        if (stream.Kind == SectionKind.Video && !receivers.Yes) return DropReason.None;
        return sender!.Forward(now, packet, stream, outbox);
    }

    public void Tick(Instant now, Outbox outbox)
    {
        if (transport is null || State == PeerState.Closed) return;
        transport.Tick(now, outbox);
        if (State == PeerState.Connected) SendMessages(now, outbox);
        if (transport.IsConnected) feedback!.Tick(now, outbox);
        if (now >= receivers.Deadline) HeardFromReceivers();
    }

    /// <summary>Asks for the key frames that are due, now rather than at the next tick.</summary>
    public void SendKeyframeRequests(Instant now, Outbox outbox)
    {
        if (State == PeerState.Connected) feedback!.Requests.SendKeyframeRequests(now, outbox);
    }

    /// <summary>Bounded: transport events happen once each, wishes for key frames are capped.</summary>
    public bool TryTakeEvent(Instant now, out PeerEvent e)
    {
        if (!events.TryDequeue(out e)) return false;
        if (e.Kind == PeerEventKind.Connected && State != PeerState.Closed)
        {
            State = PeerState.Connected;
            receivers.Connected(now);
            feedback!.Start(now);
        }

        return true;
    }

    /// <summary>Says goodbye when there is somebody to hear it. Idempotent.</summary>
    public void Close(Outbox outbox)
    {
        if (State == PeerState.Closed) return;
        transport?.Close(outbox);
        Dispose();
    }

    /// <summary>Frees without a word: when the state cannot be trusted any more.</summary>
    public void Dispose()
    {
        State = PeerState.Closed;
        transport?.Dispose();
    }

    void Open(Instant now)
    {
        transport = relay is null ? OpenTransport(now) : new PeerTransport(now, entropy, relay, events);
        bandwidth = new PeerBandwidth(transport, Negotiation.Extensions);
        sender = new PacketSender(transport, Negotiation.Extensions, bandwidth);
        feedback = new PeerFeedback(transport, Negotiation, incoming, sender, bandwidth, entropy, events, relay?.Link.Own);
        State = PeerState.Connecting;
    }

    PeerTransport OpenTransport(Instant now)
    {
        // The rules have checked that it is a SHA-256 fingerprint, which is the text after the algorithm.
        var text = Negotiation.Fingerprint![(DtlsFingerprint.Algorithm.Length + 1)..];
        if (!DtlsFingerprint.TryRead(DtlsFingerprint.Algorithm, text, out var remote)) throw new InvalidOperationException("A checked fingerprint cannot be read.");
        return new PeerTransport(now, entropy, environment.Dtls, remote!, events);
    }

    /// <summary>What this part of the room tells the other.</summary>
    void SendMessages(Instant now, Outbox outbox)
    {
        if (relay is not { Link.Channel: var channel } || !channel.IsDue(now)) return;
        while (outbox.TryReserve(RelayChannel.MaxPacket + SrtpProfiles.MaxRtcpOverhead, out var buffer) && channel.TryWriteNext(now, buffer, out var length)) transport!.SendRtcp(buffer, length, outbox);
    }

    void HeardFromReceivers()
    {
        if (receivers.TryBecome()) events.Enqueue(new PeerEvent(PeerEventKind.ReceiversReady));
    }

    DropReason ReceiveRtp(Instant now, in NetAddress from, Span<byte> datagram, out MediaPacket media)
    {
        media = default;
        if (!RtpHeader.TryReadProtected(datagram, out var shell)) return DropReason.Malformed;
        var drop = transport!.OpenRtp(now, from, datagram, shell.HeaderLength, out var length);
        if (drop != DropReason.None) return drop;
        HeardFromReceivers();
        var packet = datagram[..length];
        if (!RtpHeader.TryRead(packet, out var header)) return DropReason.Malformed;
        if (Negotiation.Extensions.IdOf(ExtensionKind.TransportCc) is not 0 and var number) feedback!.Arrivals.Arrived(now, header, packet, number);
        if (!incoming.TryLatch(header, packet, Negotiation.Extensions, out var stream, out var isRepair)) return DropReason.UnknownSsrc;
        if (isRepair ? header.PayloadType != stream.RtxPayloadType : !stream.Takes(header.PayloadType)) return DropReason.UnknownPayloadType;
        if (isRepair)
        {
            if (stream.Ssrc is not { } source) return DropReason.UnknownSsrc;
            // Padding alone probes for bandwidth; nothing went wrong, nothing is left of it.
            if (!RtxPayload.TryUndo(packet, header, stream.Codec.PayloadType, source, out packet)) return DropReason.None;
            if (!RtpHeader.TryRead(packet, out header)) return DropReason.Malformed;
        }

        return stream.Accept(now, header, packet, isRepair, out media);
    }
}
