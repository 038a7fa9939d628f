using System.Text;
using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Media.Streams;

/// <summary>
/// What one subscriber receives in one section: its own SSRC for as long as the section lives, and whatever source is bound to it,
/// continuous in sequence, time and picture numbers. A video source starts at a key frame.
/// </summary>
public sealed class SendStream
{
    const int NoFir = -1;

    readonly byte[] mid;
    readonly IReadOnlyList<Codec> codecs;
    SequenceRewriter sequence;
    TimestampRewriter timestamps;
    PictureContinuity pictures;
    FrameNumberContinuity frames;
    int generation;
    bool starting;
    bool hasWished;
    uint packets;
    uint octets;
    bool acknowledged;
    int lastFir = NoFir;
    uint reportSent;
    Instant reportSentAt;

    /// <param name="codecs">As answered: the subscriber's payload types, each followed by its RTX.</param>
    /// <param name="rtx">For retransmissions; null when nothing of that is negotiated.</param>
    public SendStream(Ssrc ssrc, SectionKind kind, string mid, IReadOnlyList<Codec> codecs, Entropy entropy, RtxSender? rtx = null)
    {
        Ssrc = ssrc;
        Kind = kind;
        Rtx = rtx;
        this.mid = Encoding.ASCII.GetBytes(mid);
        this.codecs = codecs;
        // Below half the range: the receiver's rollover counter starts from zero without doubt (RFC 3711 §3.3.1).
        sequence = new SequenceRewriter(new SequenceNumber((ushort)(entropy.NextUInt16() & 0x7FFF)));
        timestamps = new TimestampRewriter(new RtpTimestamp(entropy.NextUInt32()), codecs[0].ClockRate);
    }

    public Ssrc Ssrc { get; }

    public SectionKind Kind { get; }

    public RtxSender? Rtx { get; }

    /// <summary>Null while the section waits for reuse.</summary>
    public ReceiveStream? Source { get; private set; }

    /// <summary>The subscriber's number for the source's codec.</summary>
    public PayloadType PayloadType { get; private set; }

    /// <summary>Video that has not reached its first key frame since the start.</summary>
    public bool AwaitsKeyframe => starting && Kind == SectionKind.Video;

    /// <summary>Bytes for the MID extension: sent until the subscriber shows that it knows the SSRC (RFC 8843 §9.2).</summary>
    public ReadOnlySpan<byte> Mid => acknowledged ? default : mid;

    /// <summary>Whether the subscriber negotiated a codec that plays such a stream.</summary>
    public bool CanPlay(SectionKind kind, Codec codec) => kind == Kind && CodecFor(codec) is not null;

    /// <summary>False when the subscriber did not negotiate the source's codec.</summary>
    public bool TryBind(ReceiveStream source)
    {
        if (source.Kind != Kind || CodecFor(source.Codec) is not { } codec) return false;
        Source = source;
        PayloadType = codec.PayloadType;
        if (Rtx is not null)
        {
            Rtx.PayloadType = codec.HasFeedback("nack") ? CodecNegotiation.FindRtx(codecs, codec)?.PayloadType : null;
            if (Rtx.PayloadType is not null) source.KeepForRepair();
        }

        Start();
        return true;
    }

    public void Unbind() => Source = null;

    /// <summary>Nothing was ever sent in it.</summary>
    public bool IsUnused => packets == 0;

    /// <summary>
    /// Video waits until then: the answer that names this stream is still on its way, and a browser throws away what it cannot place yet, the
    /// first key frame too.
    /// </summary>
    public Instant HeldUntil { get; set; }

    /// <summary>The source pauses; its next packet continues without a gap.</summary>
    public void Start()
    {
        starting = true;
        hasWished = false;
        sequence.Restart();
        timestamps.Restart();
        pictures.Restart();
        frames.Restart();
    }

    /// <summary>A report or feedback named this SSRC.</summary>
    public void Acknowledge() => acknowledged = true;

    /// <summary>False when the number repeats: the same command once more (RFC 5104 §4.3.1.2).</summary>
    public bool TakeFir(byte number)
    {
        if (lastFir == number) return false;
        lastFir = number;
        return true;
    }

    /// <summary>The header under which a packet of the source leaves. False when it must not: before the first key frame, or late from before the start.</summary>
    public bool TryNext(in MediaPacket packet, out RtpHeaderFields fields)
    {
        fields = default;
        if (generation != packet.Source!.Generation)
        {
            generation = packet.Source.Generation;
            Start();
        }

        if (starting)
        {
            if (AwaitsKeyframe && !MayStart(packet)) return false;
            starting = false;
        }

        if (!sequence.TryMap(packet.Header.Sequence, out var number)) return false;
        var timestamp = timestamps.Map(packet.Header.Timestamp, packet.ArrivedAt);
        fields = new RtpHeaderFields(packet.Header.Marker, PayloadType, number, timestamp, Ssrc);
        return true;
    }

    /// <summary>
    /// A packet that was sent under <paramref name="missed"/> and may be sent again now, and the header for that. False when it is not kept any more, was sent
    /// again just now, or the subscriber has had its share.
    /// </summary>
    public bool TryRepeat(Instant now, SequenceNumber missed, TimeSpan roundTrip, out MediaPacket packet, out RtpHeaderFields fields)
    {
        packet = default;
        fields = default;
        if (Source is null || Rtx?.PayloadType is not { } type || starting || generation != Source.Generation) return false;
        if (!sequence.TryInvert(missed, out var original) || !Source.TryRecall(original, out packet)) return false;
        // Sooner than a round trip after it was mended for everybody: the request had left before.
        if (packet.IsRepaired && now - packet.ArrivedAt < roundTrip) return false;
        if (!Rtx.TryTake(now, missed, packet.Packet.Length, roundTrip)) return false;
        fields = new RtpHeaderFields(packet.Header.Marker, type, Rtx.NextSequence(), timestamps.Project(packet.Header.Timestamp), Rtx.Ssrc);
        return true;
    }

    /// <summary>True when the copy's payload descriptor must be overwritten with these.</summary>
    public bool TryRenumber(in MediaPacket packet, out ushort pictureId, out byte tl0PicIdx)
    {
        if (packet.Numbers.HasPictureId) return pictures.TryMap(packet.Numbers, out pictureId, out tl0PicIdx);
        pictureId = 0;
        tl0PicIdx = 0;
        return false;
    }

    /// <summary>Puts this stream's frame number into the copy of a dependency descriptor.</summary>
    public void Renumber(Span<byte> dependencyDescriptor)
    {
        if (dependencyDescriptor.Length < DependencyDescriptor.MandatoryLength) return;
        DependencyDescriptor.SetFrameNumber(dependencyDescriptor, frames.Map(DependencyDescriptor.FrameNumber(dependencyDescriptor)));
    }

    public void Sent(int payloadBytes)
    {
        packets++;
        octets += (uint)payloadBytes;
        Rtx?.Earn(payloadBytes);
    }

    /// <summary>What the next sender report says. False while there is nothing true to say: nothing sent, or the publisher has not reported.</summary>
    public bool TryReport(Instant now, out SenderInfo info)
    {
        info = default;
        if (packets == 0 || Source is null || !timestamps.IsRunning || !Source.TryProject(now, out var ntp, out var timestamp)) return false;
        info = new SenderInfo(ntp, timestamps.Project(timestamp), packets, octets);
        (reportSent, reportSentAt) = (ntp.Middle, now);
        return true;
    }

    /// <summary>The round trip by a block that answers the last report: its time stamp is the publisher's, so it is only a name for ours.</summary>
    public bool TryRoundTrip(Instant now, in ReportBlock block, out TimeSpan roundTrip)
    {
        roundTrip = now - reportSentAt - NtpTime.FromMiddle(block.DelaySinceLastSenderReport);
        return block.LastSenderReport != 0 && block.LastSenderReport == reportSent && roundTrip >= TimeSpan.Zero;
    }

    /// <summary>The first packet that had to be passed over makes the wish, so it is made when an answer to it can be used.</summary>
    bool MayStart(in MediaPacket packet)
    {
        if (packet.ArrivedAt < HeldUntil) return false;
        if (packet.StartsDecoding) return true;
        if (hasWished) return false;
        hasWished = true;
        packet.Source!.Keyframes.Wish(packet.ArrivedAt);
        return false;
    }

    /// <summary>The same format if there is one, otherwise one whose decoder takes it.</summary>
    Codec? CodecFor(Codec source)
    {
        Codec? larger = null;
        foreach (var codec in codecs)
        {
            if (CodecFormat.IsSame(codec, source)) return codec;
            if (larger is null && CodecFormat.Decodes(codec, source)) larger = codec;
        }

        return larger;
    }
}
