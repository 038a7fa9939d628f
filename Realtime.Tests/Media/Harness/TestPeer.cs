using System.Buffers.Binary;
using Realtime.Media.Congestion;
using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Media.Ice;
using Realtime.Media.Peers;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Realtime.Media.Srtp;

namespace Realtime.Tests.Media.Harness;

/// <summary>
/// Our own WebRTC client, sans-IO: controlling ICE, DTLS client, SRTP both ways, offers sections, sends stamped packets and keeps what
/// it receives. Answers key frame requests like a browser; asks for key frames only when told to.
/// </summary>
sealed partial class TestPeer : IDisposable
{
    static readonly DtlsCertificate Certificate = DtlsClient.CreateCertificate();
    static readonly DtlsContext Context = new(Certificate);
    // Of another peer connection of the same client.
    static readonly DtlsContext Another = new(DtlsClient.CreateCertificate());
    const int DescriptorLength = 24;
    static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    readonly DtlsContext context;
    readonly Entropy entropy;
    readonly List<TestSource> sources = [];
    readonly Dictionary<Ssrc, (string Mid, bool IsRtx)> incoming = [];
    readonly Dictionary<string, ReceivedTrack> tracks = [];
    IceCredentials local;
    IceClient? ice;
    DtlsClient? dtls;
    SrtpSession? srtp;
    string remoteUfrag = "";
    Instant nextReport = Instant.Never;
    readonly ArrivalRecorder arrivals = new();
    byte transportExtension;
    ushort transportSequence;

    public TestPeer(string id, NetAddress address, NetAddress server, Entropy entropy, int extensionOffset = 0, IReadOnlyList<Codec>? videoCodecs = null, bool tellsSsrcs = true, bool isAnother = false)
    {
        context = isAnother ? Another : Context;
        Id = id;
        Address = address;
        Server = server;
        this.entropy = entropy;
        local = IceCredentials.Create(entropy);
        Fingerprint.TryParse($"{DtlsFingerprint.Algorithm} {context.Certificate.Fingerprint}", out var fingerprint);
        Offer = new TestOffer(local.Ufrag, local.Password, fingerprint!)
        {
            ExtensionOffset = extensionOffset,
            VideoCodecs = videoCodecs ?? TestCodecs.Vp8(),
            TellsSsrcs = tellsSsrcs,
        };
    }

    public string Id { get; }

    /// <summary>Where its datagrams come from; changing it is a NAT rebinding.</summary>
    public NetAddress Address { get; set; }

    /// <summary>Where it sends; to be known before the answer is accepted.</summary>
    public NetAddress Server { get; set; }

    public TestOffer Offer { get; }

    public IReadOnlyList<TestSource> Sources => sources;

    public bool IsConnected => srtp is not null;

    public bool HeardGoodbye { get; private set; }

    public SrtpProfile? Profile => srtp?.Profile;

    public SessionDescription? Answer { get; private set; }

    /// <summary>Its video carries dependency descriptors, too long for the one-byte form.</summary>
    public bool SendsDescriptors { get; set; }

    public List<ushort> FrameNumbers { get; } = [];

    public int BadPackets { get; private set; }

    /// <summary>Whether <see cref="Clear"/> is kept.</summary>
    public bool KeepsClear { get; set; }

    /// <summary>What it was sent, opened, as it came.</summary>
    public List<byte[]> Clear { get; } = [];

    /// <summary>How far this peer's NTP clock is from the server's.</summary>
    public TimeSpan ClockShift { get; init; }

    public Instant NextDeadline
    {
        get
        {
            var next = Instant.Min(ice?.NextDeadline ?? Instant.Never, dtls?.NextDeadline ?? Instant.Never);
            if (srtp is null) return next;
            foreach (var source in sources) next = Instant.Min(next, source.NextDeadline);
            if (Repairs)
            {
                foreach (var track in tracks.Values) next = Instant.Min(next, track.Missing.NextDeadline);
            }

            if (GivesFeedback) next = Instant.Min(next, arrivals.NextDeadline);
            return Instant.Min(next, nextReport);
        }
    }

    public TestSource Publish(SectionKind kind, MediaDirection direction = MediaDirection.SendOnly, string streamId = "stream")
    {
        var source = new TestSource(Offer.Add(kind, direction, entropy.NextUInt32() | 1, streamId), entropy);
        sources.Add(source);
        return source;
    }

    /// <summary>A camera in several encodings, in the order of the offer.</summary>
    public IReadOnlyList<TestSource> PublishSimulcast(params (string Rid, ushort Width, ushort Height)[] encodings) => PublishSimulcast(1, encodings);

    public IReadOnlyList<TestSource> PublishSimulcast(int temporalLayers, params (string Rid, ushort Width, ushort Height)[] encodings) =>
        PublishSimulcast([.. encodings.Select(each => new TestEncoding(each.Rid, new Ssrc(entropy.NextUInt32() | 1), each.Width, each.Height, temporalLayers))]);

    /// <summary>Of any rates.</summary>
    public IReadOnlyList<TestSource> PublishSimulcast(IReadOnlyList<TestEncoding> encodings)
    {
        var section = Offer.Add(SectionKind.Video, MediaDirection.SendOnly, rids: [.. encodings.Select(each => each.Rid)]);
        var made = encodings.Select(each => new TestSource(section, entropy, each)).ToList();
        sources.AddRange(made);
        return made;
    }

    /// <summary>What the receive section got so far.</summary>
    public ReceivedTrack Track(string mid) => tracks[mid];

    public IEnumerable<ReceivedTrack> Tracks => tracks.Values;

    /// <summary>The section in which a source plays, by what arrived.</summary>
    public ReceivedTrack? TrackOf(TestSource source) => tracks.Values.FirstOrDefault(track => track.From(source.Ssrc).Any());

    public void Accept(Instant now, string answer)
    {
        Answer = TestAnswer.Read(answer);
        var section = Answer.Sections.First(each => !each.IsRejected);
        transportExtension = Answer.Sections.SelectMany(each => each.Extensions).FirstOrDefault(each => ExtensionUri.Parse(each.Uri) == ExtensionKind.TransportCc)?.Id ?? 0;
        foreach (var each in Answer.Sections)
        {
            foreach (var published in sources.Where(source => !each.IsRejected && source.Mid == each.Mid)) published.Accept(each);
            if (each.Ssrcs is not [var source, ..]) continue;
            if (!tracks.TryGetValue(each.Mid, out var track) || track.Ssrc != source.Ssrc) tracks[each.Mid] = track = new ReceivedTrack(each);
            incoming[source.Ssrc] = (each.Mid, false);
            if (track.RtxSsrc is { } rtx) incoming[rtx] = (each.Mid, true);
        }

        if (remoteUfrag == section.Transport.IceUfrag) return;
        remoteUfrag = section.Transport.IceUfrag;
        IceCredentials.TryCreate(remoteUfrag, section.Transport.IcePwd, out var remote);
        ice = new IceClient(local, remote!, Server, entropy);
        if (dtls is not null) return;
        var text = section.Transport.Fingerprints[0].ToString()[(DtlsFingerprint.Algorithm.Length + 1)..];
        DtlsFingerprint.TryRead(DtlsFingerprint.Algorithm, text, out var fingerprint);
        dtls = new DtlsClient(context, fingerprint!);
    }

    /// <summary>New credentials in the next offer.</summary>
    public void RestartIce()
    {
        local = IceCredentials.Create(entropy);
        Offer.Ufrag = local.Ufrag;
        Offer.Pwd = local.Password;
    }

    /// <summary>The server's half of a restart without an offer.</summary>
    public void AcceptRestart(string fragment)
    {
        string Value(string name) => fragment.Split("\r\n").Single(line => line.StartsWith($"a={name}:", StringComparison.Ordinal))[(name.Length + 3)..];
        remoteUfrag = Value("ice-ufrag");
        IceCredentials.TryCreate(remoteUfrag, Value("ice-pwd"), out var remote);
        ice = new IceClient(local, remote!, Server, entropy);
    }

    public void Tick(Instant now, Outbox outbox)
    {
        if (ice is null || dtls is null) return;
        ice.Tick(now, outbox);
        if (ice.IsConnected) dtls.Start(now, Server, outbox);
        dtls.Tick(now, outbox);
        TakeDtlsEvents(now);
        if (srtp is null) return;
        foreach (var source in sources)
            source.Tick(now, (in RtpHeaderFields fields, ReadOnlySpan<byte> payload) => Send(source, fields, payload, outbox));
        if (Repairs) AskAgain(now, outbox);
        if (GivesFeedback) TellArrivals(now, outbox);
        if (now < nextReport) return;
        nextReport = now + ReportInterval;
        SendReports(now, outbox);
    }

    public void Receive(Instant now, Span<byte> datagram, Outbox outbox)
    {
        switch (DatagramKinds.Classify(datagram))
        {
            case DatagramKind.Stun:
                ice?.Receive(datagram);
                break;
            case DatagramKind.Dtls when dtls is not null:
                dtls.Receive(now, Server, datagram, outbox);
                TakeDtlsEvents(now);
                break;
            case DatagramKind.Rtp:
                ReceiveRtp(now, datagram);
                break;
            case DatagramKind.Rtcp:
                ReceiveRtcp(now, datagram, outbox);
                break;
        }
    }

    /// <summary>Ends the connection as a closing browser does.</summary>
    public void Close(Outbox outbox) => dtls?.Close(outbox);

    public void Dispose()
    {
        dtls?.Dispose();
        srtp?.Dispose();
    }

    void TakeDtlsEvents(Instant now)
    {
        while (dtls!.TryTakeEvent(out var e))
        {
            if (e.Kind == DtlsEventKind.Connected)
            {
                srtp = SrtpSession.Create(e.Keys!);
                nextReport = now + (ReportInterval / 2);
            }
            else
            {
                HeardGoodbye = e.Kind == DtlsEventKind.Closed;
            }
        }
    }

    void Send(TestSource source, in RtpHeaderFields fields, ReadOnlySpan<byte> payload, Outbox outbox)
    {
        Span<byte> header = stackalloc byte[128];
        fields.TryWrite(header);
        var extension = new RtpExtensionWriter(header[RtpHeader.MinLength..], twoByte: Offer.ExtensionOffset > 0 || SendsDescriptors);
        extension.Add(Offer.IdOf(ExtensionKind.Mid), System.Text.Encoding.ASCII.GetBytes(source.Mid));
        // As browsers do: until the first report names the SSRC.
        if (source.Encoding is { } encoding && !source.IsAcknowledged)
            extension.Add(Offer.IdOf(fields.Ssrc == source.Ssrc ? ExtensionKind.Rid : ExtensionKind.RepairedRid), System.Text.Encoding.ASCII.GetBytes(encoding.Rid));
        if (transportExtension != 0) BinaryPrimitives.WriteUInt16BigEndian(extension.Add(transportExtension, 2, out _), transportSequence++);
        if (!source.IsVideo) extension.Add(Offer.IdOf(ExtensionKind.AudioLevel), [(byte)(0x80 | source.Level)]);
        if (SendsDescriptors && source.IsVideo)
            extension.Add(Offer.IdOf(ExtensionKind.DependencyDescriptor), [0xC0, (byte)(source.FrameNumber >> 8), (byte)source.FrameNumber, .. new byte[DescriptorLength - 3]]);
        var length = RtpHeader.MinLength + extension.Finish();
        header[0] |= 0x10;
        if (!outbox.TryReserve(1500, out var buffer)) return;
        if (srtp!.Sender.Protect(header[..length], payload, buffer, out var written) == DropReason.None) outbox.Commit(Server, written);
    }

    void ReceiveRtp(Instant now, Span<byte> datagram)
    {
        if (srtp is null || !RtpHeader.TryReadProtected(datagram, out var shell)
            || srtp.Receiver.Unprotect(datagram, shell.HeaderLength, out var length) != DropReason.None
            || !RtpHeader.TryRead(datagram[..length], out var header)
            || !incoming.TryGetValue(header.Ssrc, out var section))
        {
            BadPackets++;
            return;
        }

        var packet = datagram[..length];
        if (transportExtension != 0 && header.Extensions(packet).TryFind(transportExtension, out var number))
            arrivals.Arrived(now, new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(number)), datagram.Length);
        if (KeepsClear) Clear.Add(packet.ToArray());
        var track = tracks[section.Mid];
        var hasMid = header.Extensions(packet).TryFind(Offer.IdOf(ExtensionKind.Mid), out _);
        if (section.IsRtx)
        {
            var type = track.Answer.Codecs.First(codec => codec.PayloadType == header.PayloadType).AssociatedPayloadType!.Value;
            if (!RtxPayload.TryUndo(packet, header, type, track.Ssrc, out packet) || !RtpHeader.TryRead(packet, out header)) return;
        }

        if (header.Extensions(packet).TryFind(Offer.IdOf(ExtensionKind.DependencyDescriptor), out var descriptor) && descriptor.Length >= DependencyDescriptor.MandatoryLength)
            FrameNumbers.Add(DependencyDescriptor.FrameNumber(descriptor));
        track.Missing.Arrived(now, header.Sequence);
        track.Add(now, header, packet, hasMid, section.IsRtx);
    }
}
