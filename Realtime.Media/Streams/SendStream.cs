using System.Text;
using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Media.Streams;

/// <summary>
/// What one subscriber receives in one section: its own SSRC for as long as the section lives, and whatever track is bound to it, in whatever layer is chosen;
/// continuous in sequence, time and picture numbers. Video starts, and changes from one encoding to another, at key frames; until one comes the old encoding goes on.
/// </summary>
public sealed partial class SendStream
{
    const int NoFir = -1;
    const int NoPicture = -1;

    /// <summary>The encodings of a simulcast bring their key frames together: for so long nobody asks for the one that is still on its way.</summary>
    static readonly TimeSpan SiblingsFollow = TimeSpan.FromMilliseconds(120);

    readonly byte[] mid;
    readonly IReadOnlyList<Codec> codecs;
    SequenceRewriter sequence;
    TimestampRewriter timestamps;
    PictureContinuity pictures;
    FrameNumberContinuity frames;
    LayerFilter filter = new();
    int generation;
    bool starting;
    bool hasWished;
    int leftOutPicture = NoPicture;
    ushort picturesLeftOut;
    bool acknowledged;
    int lastFir = NoFir;

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

    public long PacketsSent => packets;

    /// <summary>Of payload.</summary>
    public long OctetsSent => octets;

    /// <summary>In all.</summary>
    public long KeyframesWished { get; private set; }

    /// <summary>What the subscriber said of it last, and when.</summary>
    public ReportBlock? LastReport { get; private set; }

    public Instant ReportedAt { get; private set; }

    public int ClockRate => codecs[0].ClockRate;

    public SectionKind Kind { get; }

    public RtxSender? Rtx { get; }

    /// <summary>Null while the section waits for reuse.</summary>
    public ReceiveTrack? Track { get; private set; }

    /// <summary>The encoding that is forwarded, or was last; null before the first packet.</summary>
    public ReceiveStream? Source { get; private set; }

    /// <summary>The encoding whose key frame is waited for, while <see cref="Source"/> goes on; null when none is.</summary>
    public ReceiveStream? Next { get; private set; }

    /// <summary>What was chosen last; <see cref="LayerId.Paused"/>: nothing is sent.</summary>
    public LayerId Selected { get; private set; } = LayerId.Best;

    /// <summary>What the subscriber gets at the moment; <see cref="LayerId.Paused"/> when that is nothing.</summary>
    public LayerId Current => starting || Source is null || Selected.IsPaused
        ? LayerId.Paused
        : Source.Track.IsSimulcast ? new LayerId(Source.Spatial, filter.Current.Temporal) : filter.Current;

    /// <summary>Encodings whose packets concern it, by the bits of their places in the offer.</summary>
    public int Listens => Track is null || Selected.IsPaused ? 0
        : starting || Source is null ? (1 << Track.Encodings.Length) - 1
        : (1 << Source.Index) | (Next is { } next ? 1 << next.Index : 0);

    /// <summary>The subscriber's number for the track's codec.</summary>
    public PayloadType PayloadType { get; private set; }

    /// <summary>The same for audio with its earlier frames; null: it is sent the new frame alone.</summary>
    public PayloadType? RedPayloadType { get; private set; }

    /// <summary>Video that has not reached its first key frame since the start.</summary>
    public bool AwaitsKeyframe => Kind == SectionKind.Video && !Selected.IsPaused && (starting || Next is not null || filter.NeedsKeyframe);

    /// <summary>Bytes for the MID extension: sent until the subscriber shows that it knows the SSRC (RFC 8843 §9.2).</summary>
    public ReadOnlySpan<byte> Mid => acknowledged ? default : mid;

    /// <summary>Decode targets the subscriber can show of what it gets, for its copies of dependency descriptors; 0: as the publisher says.</summary>
    public uint ForwardedTargets => filter.ForwardedTargets;

    /// <summary>Whether the subscriber negotiated a codec that plays such a stream.</summary>
    public bool CanPlay(SectionKind kind, Codec codec) => kind == Kind && CodecFor(codec) is not null;

    /// <summary>False when the subscriber did not negotiate the track's codec.</summary>
    public bool TryBind(ReceiveTrack track)
    {
        if (track.Kind != Kind || CodecFor(track.Codec) is not { } codec) return false;
        Track = track;
        PayloadType = codec.PayloadType;
        RedPayloadType = CodecNegotiation.FindRed(codecs, codec)?.PayloadType;
        if (Rtx is not null)
        {
            Rtx.PayloadType = codec.HasFeedback("nack") ? CodecNegotiation.FindRtx(codecs, codec)?.PayloadType : null;
            if (Rtx.PayloadType is not null) track.KeepForRepair();
        }

        Selected = LayerId.Best;
        Start();
        return true;
    }

    public void Unbind() => (Track, Source, Next) = (null, null, null);

    /// <summary>
    /// Video waits until then: the answer that names this stream is still on its way, and a browser throws away what it cannot place yet, the
    /// first key frame too.
    /// </summary>
    public Instant HeldUntil { get; set; }

    /// <summary>The track pauses, or is another; the next packet continues without a gap.</summary>
    public void Start()
    {
        starting = true;
        hasWished = false;
        Source = null;
        Next = null;
    }

    /// <summary>From now on this layer is to be sent, as soon as its stream lets one begin; what it needs for that is asked for.</summary>
    /// <param name="layer">One that arrives, or <see cref="LayerId.Paused"/>.</param>
    public void Select(Instant now, LayerId layer)
    {
        var wasPaused = Selected.IsPaused;
        Selected = layer;
        if (layer.IsPaused)
        {
            if (!starting) Start();
            return;
        }

        filter.Select(Track is { IsSimulcast: true } ? new LayerId(LayerId.Best.Spatial, layer.Temporal) : layer);
        if (starting)
        {
            if (wasPaused) Wish(Carrier, now);
            return;
        }

        Next = Carrier == Source ? null : Carrier;
        if (Kind == SectionKind.Video && (Next is not null || filter.NeedsKeyframe)) Wish(Carrier, now);
    }

    /// <summary>The subscriber needs a key frame of what it gets, or is to get.</summary>
    public void WishKeyframe(Instant now)
    {
        if (Track is null || Kind != SectionKind.Video || Selected.IsPaused) return;
        Wish(Source ?? Carrier, now);
        if (Next is { } next) Wish(next, now);
    }

    /// <summary>A report or feedback named this SSRC.</summary>
    public void Acknowledge() => acknowledged = true;

    public void Reported(Instant now, in ReportBlock block)
    {
        acknowledged = true;
        (LastReport, ReportedAt) = (block, now);
    }

    /// <summary>The subscriber lost the picture.</summary>
    public void KeyframeWished()
    {
        acknowledged = true;
        KeyframesWished++;
    }

    /// <summary>The header under which a packet of the track leaves. False when it must not: another layer's, before the first key frame, late from before the start.</summary>
    public bool TryNext(in MediaPacket packet, out RtpHeaderFields fields)
    {
        fields = default;
        if (packet.Source != Source || generation != packet.Source!.Generation)
        {
            if (!TryBegin(packet)) return false;
        }

        if (Kind == SectionKind.Video && !filter.Takes(packet.Layer, packet.StartsDecoding))
        {
            LeaveOut(packet);
            return false;
        }

        if (!sequence.TryMap(packet.Header.Sequence, out var number)) return false;
        picturesLeftOut = sequence.PicturesLeftOut;
        var timestamp = timestamps.Map(packet.Header.Timestamp, packet.ArrivedAt);
        fields = new RtpHeaderFields(packet.Header.Marker || filter.EndsPicture(packet.Layer), PayloadType, number, timestamp, Ssrc);
        return true;
    }

    /// <summary>
    /// A packet that was sent under <paramref name="missed"/> and may be sent again now, and the header for that. False when it is not kept any more, was sent
    /// again just now, or the subscriber has had its share.
    /// </summary>
    /// <param name="isLeftOut">Nobody knew of which layer it was when its number was given: now that it is one that is left out, only the number is sent.</param>
    public bool TryRepeat(Instant now, SequenceNumber missed, TimeSpan roundTrip, out MediaPacket packet, out RtpHeaderFields fields, out bool isLeftOut)
    {
        packet = default;
        fields = default;
        isLeftOut = false;
        if (Source is null || Rtx?.PayloadType is not { } type || starting || generation != Source.Generation) return false;
        if (!sequence.TryInvert(missed, out var original, out picturesLeftOut) || !Source.TryRecall(original, out packet)) return false;
        // Sooner than a round trip after it was mended for everybody: the request had left before.
        if (packet.IsRepaired && now - packet.ArrivedAt < roundTrip) return false;
        if (!Rtx.TryTake(now, missed, packet.Packet.Length, roundTrip)) return false;
        isLeftOut = Kind == SectionKind.Video && !filter.Passes(packet.Layer);
        fields = new RtpHeaderFields(packet.Header.Marker || filter.EndsPicture(packet.Layer), type, Rtx.NextSequence(), timestamps.Project(packet.Header.Timestamp), Rtx.Ssrc);
        return true;
    }

    ReceiveStream Carrier => Track!.Carrier(Selected.Spatial);

    void Wish(ReceiveStream from, Instant now) => from.Keyframes.Wish(HeldUntil > now ? HeldUntil : now);

    /// <summary>A stream's first packet, or a new SSRC of the one that plays: from here on its numbers count.</summary>
    bool TryBegin(in MediaPacket packet)
    {
        var source = packet.Source!;
        if (Track is null || Selected.IsPaused || (!starting && source != Source && source != Next)) return false;
        if (source == Source) Start();
        if (Kind == SectionKind.Video && !MayStart(packet)) return false;
        if (Source is { } before && source.TryTranslate(packet.Header.Timestamp, before, out var there)) timestamps.Continue(packet.Header.Timestamp, there);
        else timestamps.Restart();
        (Source, Next, generation, starting) = (source, null, source.Generation, false);
        sequence.Restart();
        pictures.Restart();
        frames.Restart();
        filter.Begin();
        leftOutPicture = NoPicture;
        if (Carrier != source)
        {
            Next = Carrier;
            Carrier.Keyframes.Wish(packet.ArrivedAt + SiblingsFollow);
        }

        return true;
    }

    /// <summary>The first packet that had to be passed over makes the wish, so it is made when an answer to it can be used.</summary>
    bool MayStart(in MediaPacket packet)
    {
        if (packet.ArrivedAt < HeldUntil) return false;
        if (packet.StartsDecoding) return true;
        if (!starting || hasWished) return false;
        hasWished = true;
        var wanted = Track!.Layers.IsActive(Carrier.Spatial) ? Carrier : packet.Source!;
        wanted.Keyframes.Wish(packet.ArrivedAt);
        return false;
    }

    void LeaveOut(in MediaPacket packet)
    {
        if (!sequence.IsAhead(packet.Header.Sequence)) return;
        var beginsPicture = packet.Source!.ClosesPictureGaps && packet.Numbers.HasPictureId && packet.Numbers.PictureId != leftOutPicture;
        if (beginsPicture) leftOutPicture = packet.Numbers.PictureId;
        sequence.LeaveOut(packet.Header.Sequence, beginsPicture);
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
