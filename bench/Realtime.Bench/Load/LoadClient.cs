using System.Buffers.Binary;
using Realtime.Media.Congestion;
using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Media.Ice;
using Realtime.Media.Peers;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Bench.Load;

/// <summary>
/// One participant of the load: controlling ICE, DTLS, SRTP. Counts every packet it gets and opens a sample of them. Made anywhere,
/// driven by the load thread from <see cref="Accept"/> on.
/// </summary>
sealed class LoadClient : IDisposable
{
    /// <summary>One packet in so many is opened and looked into …</summary>
    const int SampleEvery = 16;

    /// <summary>… and the first ones of each stream, by which its rollover counter is known.</summary>
    const int FirstSamples = 4;

    static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    readonly Entropy entropy;
    readonly IceCredentials local;
    readonly MediaOffer descriptions;
    readonly LoadIdentity identity;
    readonly LoadTotals totals;
    readonly List<ReceivedStream> streams = [];
    readonly List<MediaSource> sources = [];
    readonly TaskCompletionSource<Instant> connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly ReportBlock[] blocks = new ReportBlock[ReportBlock.MaxPerPacket];
    readonly byte[] mids = new byte[8];
    readonly ArrivalRecorder arrivals = new();
    ControllingIce? ice;
    DtlsEndpoint? dtls;
    SrtpSession? srtp;
    NetAddress server;
    Instant nextReport = Instant.Never;
    byte midExtension;
    byte sendTimeExtension;
    byte transportExtension;
    ushort transportSequence;
    ReceivedStream? last;

    /// <param name="socket">Its own; closed with it.</param>
    /// <param name="address">Where its datagrams come from.</param>
    public LoadClient(int index, int socket, NetAddress address, LoadIdentity identity, LoadTotals totals)
    {
        Index = index;
        Socket = socket;
        this.identity = identity;
        this.totals = totals;
        entropy = new Entropy((ulong)index + 1);
        local = IceCredentials.Create(entropy);
        descriptions = new MediaOffer(local, identity.Fingerprint, address);
    }

    public int Index { get; }

    public int Socket { get; }

    public IReadOnlyList<MediaSource> Sources => sources;

    public IReadOnlyList<ReceivedStream> Streams => streams;

    public bool IsConnected => srtp is not null;

    /// <summary>The moment the handshake was done; fails when it did.</summary>
    public Task<Instant> Connected => connected.Task;

    /// <summary>What the server calls it, if it does.</summary>
    public string ServerId { get; set; } = "";

    public Instant NextDeadline => ice is null ? Instant.Never : Instant.Min(
        Instant.Min(ice.NextDeadline, dtls!.NextDeadline), Instant.Min(nextReport, arrivals.NextDeadline));

    public MediaSource Publish(SourceKind kind, int kilobitsPerSecond)
    {
        var source = new MediaSource(kind, kilobitsPerSecond, (uint)(Index << 8) | (uint)(sources.Count + 1), entropy);
        sources.Add(source);
        return source;
    }

    public string Offer(SourceKind receiving = SourceKind.Video, int receivers = 0) => descriptions.Offer(sources, receiving, receivers);

    public string Answer(string offer) => descriptions.Answer(RemoteDescription.Read(offer));

    /// <summary>Takes the server's description, answer or offer, and starts to connect. On the load thread.</summary>
    public void Accept(Instant now, string description)
    {
        var remote = RemoteDescription.Read(description);
        var section = remote.Sections.First(each => !each.IsRejected);
        if (!IceCredentials.TryCreate(section.Transport.IceUfrag, section.Transport.IcePwd, out var credentials)
            || !DtlsFingerprint.TryRead(DtlsFingerprint.Algorithm, section.Transport.Fingerprints[0].ToString()[(DtlsFingerprint.Algorithm.Length + 1)..], out var fingerprint))
            throw new FormatException("The server's credentials or fingerprint cannot be used.");
        server = RemoteDescription.Candidate(remote);
        midExtension = RemoteDescription.IdOf(section, ExtensionKind.Mid);
        sendTimeExtension = RemoteDescription.IdOf(section, ExtensionKind.AbsSendTime);
        transportExtension = RemoteDescription.IdOf(section, ExtensionKind.TransportCc);
        ice = new ControllingIce(local, credentials!, server, entropy);
        // Janus answers publishers that it will open the connection itself.
        dtls = section.Transport.Setup == SetupRole.Active ? new DtlsServer(identity.Context, fingerprint!) : new DtlsClient(identity.Context, fingerprint!);
        for (var i = 0; i < sources.Count; i++)
        {
            var codec = remote.Sections[i].Codecs.FirstOrDefault(each => !each.IsRtx);
            if (codec is not null) sources[i].PayloadType = codec.PayloadType;
        }
    }

    public void Tick(Instant now, Outbox outbox)
    {
        if (ice is null || dtls is null) return;
        ice.Tick(now, outbox);
        if (ice.IsConnected) dtls.Start(now, server, outbox);
        dtls.Tick(now, outbox);
        TakeDtlsEvents(now);
        if (srtp is null) return;
        if (now >= arrivals.NextDeadline) TellArrivals(now, outbox);
        if (now < nextReport) return;
        nextReport = now + ReportInterval;
        SendReports(now, outbox);
    }

    public void Receive(Instant now, in Arrival arrival, Span<byte> datagram, Outbox outbox)
    {
        switch (DatagramKinds.Classify(datagram))
        {
            case DatagramKind.Rtp:
                ReceiveRtp(now, arrival, datagram);
                break;
            case DatagramKind.Rtcp when sources.Count > 0:
                ReceiveRtcp(datagram);
                break;
            case DatagramKind.Stun when ice is not null:
                ice.Receive(datagram, outbox);
                if (ice.IsConnected) dtls!.Start(now, server, outbox);
                break;
            case DatagramKind.Dtls when dtls is not null:
                dtls.Receive(now, server, datagram, outbox);
                TakeDtlsEvents(now);
                break;
        }
    }

    /// <summary>Protects one packet of a source.</summary>
    public void Send(Instant now, MediaSource source, in RtpHeaderFields fields, ReadOnlySpan<byte> payload, Outbox outbox)
    {
        if (srtp is null || !outbox.TryReserve(1500, out var buffer)) return;
        Span<byte> header = stackalloc byte[64];
        fields.TryWrite(header);
        var extensions = new RtpExtensionWriter(header[RtpHeader.MinLength..], twoByte: false);
        if (sendTimeExtension != 0) AbsSendTime.At(now).Write(extensions.Add(sendTimeExtension, AbsSendTime.Length, out _));
        if (transportExtension != 0) BinaryPrimitives.WriteUInt16BigEndian(extensions.Add(transportExtension, 2, out _), transportSequence++);
        if (midExtension != 0) extensions.Add(midExtension, Mid(sources.IndexOf(source)));
        var length = RtpHeader.MinLength;
        if (sendTimeExtension != 0 || transportExtension != 0 || midExtension != 0)
        {
            length += extensions.Finish();
            header[0] |= 0x10;
        }

        if (srtp.Sender.Protect(header[..length], payload, buffer, out var written) == DropReason.None) outbox.Commit(server, written);
    }

    public void Close(Outbox outbox) => dtls?.Close(outbox);

    public void Dispose()
    {
        connected.TrySetCanceled();
        dtls?.Dispose();
        srtp?.Dispose();
        srtp = null;
        LoadSockets.Close(Socket);
    }

    void TakeDtlsEvents(Instant now)
    {
        while (dtls!.TryTakeEvent(out var e))
        {
            if (e.Kind == DtlsEventKind.Connected)
            {
                srtp = SrtpSession.Create(e.Keys!);
                nextReport = now + (ReportInterval * entropy.NextDouble());
                connected.TrySetResult(now);
            }
            else
            {
                connected.TrySetException(new IOException($"DTLS {e.Kind}: {e.Failure} {e.Detail}"));
            }
        }
    }

    void ReceiveRtp(Instant now, in Arrival arrival, Span<byte> datagram)
    {
        if (srtp is null || !RtpHeader.TryReadProtected(datagram, out var shell)) return;
        // Headers are in the clear, so every packet is told of, with the time the kernel had it, as browsers do: that this thread came late says nothing of the way.
        if (transportExtension != 0 && shell.HasExtension && shell.Extensions(datagram).TryFind(transportExtension, out var number) && number.Length == 2)
            arrivals.Arrived(arrival.OnClockOf(now), new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(number)), datagram.Length);
        if (identity.IsRepair(shell.PayloadType)) return;
        var stream = Find(shell.Ssrc);
        var extended = stream.Count(shell.Sequence);
        if (stream.Received > FirstSamples && ((shell.Sequence.Value + Index) & (SampleEvery - 1)) != 0) return;

        totals.Sampled++;
        if (srtp.Receiver.Unprotect(datagram, shell.HeaderLength, out var length) != DropReason.None
            || !RtpHeader.TryRead(datagram[..length], out var header)
            || !Stamp.TryRead(Body(header.Payload(datagram[..length])), out var stamp))
        {
            totals.Corrupt++;
            return;
        }

        stream.Place(extended, stamp.Number);
        totals.Latency.Add(arrival.UnixNanoseconds - stamp.SentAt);
    }

    ReadOnlySpan<byte> Body(ReadOnlySpan<byte> payload)
    {
        var offset = MediaSource.StampOffset(identity.Kind);
        return payload.Length > offset ? payload[offset..] : default;
    }

    ReceivedStream Find(Ssrc ssrc)
    {
        if (last?.Ssrc == ssrc) return last;
        foreach (var stream in streams)
        {
            if (stream.Ssrc == ssrc) return last = stream;
        }

        streams.Add(last = new ReceivedStream(ssrc));
        return last;
    }

    void ReceiveRtcp(Span<byte> datagram)
    {
        if (srtp is null || srtp.ControlReceiver.Unprotect(datagram, out var length) != DropReason.None || !RtcpCompound.TryRead(datagram[..length], out var compound)) return;
        foreach (var packet in compound)
        {
            if (PictureLossIndication.TryRead(packet, out var pli)) WantKeyframe(pli.Media);
            else if (FullIntraRequest.TryRead(packet, out var fir))
            {
                for (var i = 0; i < fir.Count; i++) WantKeyframe(fir[i].Media);
            }
        }
    }

    void WantKeyframe(Ssrc ssrc)
    {
        foreach (var source in sources)
        {
            if (source.Ssrc == ssrc) source.KeyframeWanted = true;
        }
    }

    void TellArrivals(Instant now, Outbox outbox)
    {
        if (!outbox.TryReserve(1500, out var buffer)) return;
        var writer = new RtcpWriter(buffer[..1100]);
        var own = new Ssrc((uint)(Index << 8) | 0xFF);
        if (!arrivals.TryWrite(now, ref writer, own, streams.Count > 0 ? streams[0].Ssrc : own)) return;
        if (srtp!.ControlSender.Protect(buffer[..writer.Length], buffer, out var length) == DropReason.None) outbox.Commit(server, length);
    }

    void SendReports(Instant now, Outbox outbox)
    {
        if (!outbox.TryReserve(1500, out var buffer)) return;
        var own = sources.Count > 0 ? sources[0].Ssrc : new Ssrc((uint)(Index << 8) | 0xFF);
        var writer = new RtcpWriter(buffer[..1400]);
        foreach (var source in sources)
        {
            var info = new SenderInfo(NtpTime.At(now), source.TimestampAt(now), (uint)source.PacketsSent, (uint)source.BytesSent);
            if (source.PacketsSent > 0) SenderReport.Write(ref writer, source.Ssrc, info, []);
        }

        var count = Math.Min(streams.Count, blocks.Length);
        for (var i = 0; i < count; i++) blocks[i] = new ReportBlock(streams[i].Ssrc, 0, 0, streams[i].HighestSequence, 0, 0, 0);
        if (count > 0 || writer.Length == 0) ReceiverReport.Write(ref writer, own, blocks.AsSpan(0, count));
        if (srtp!.ControlSender.Protect(buffer[..writer.Length], buffer, out var length) == DropReason.None) outbox.Commit(server, length);
    }

    ReadOnlySpan<byte> Mid(int section)
    {
        section.TryFormat(mids, out var length);
        return mids.AsSpan(0, length);
    }
}
