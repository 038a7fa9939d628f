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
    readonly byte[] mid;
    readonly IReadOnlyList<Codec> codecs;
    SequenceRewriter sequence;
    TimestampRewriter timestamps;
    Vp8Continuity vp8;
    int generation;
    bool starting;
    bool hasWished;
    bool isVp8;
    uint packets;
    uint octets;
    bool acknowledged;

    /// <param name="codecs">As answered: the subscriber's payload types.</param>
    public SendStream(Ssrc ssrc, SectionKind kind, string mid, IReadOnlyList<Codec> codecs, Entropy entropy)
    {
        Ssrc = ssrc;
        Kind = kind;
        this.mid = Encoding.ASCII.GetBytes(mid);
        this.codecs = codecs;
        // Below half the range: the receiver's rollover counter starts from zero without doubt (RFC 3711 §3.3.1).
        sequence = new SequenceRewriter(new SequenceNumber((ushort)(entropy.NextUInt16() & 0x7FFF)));
        timestamps = new TimestampRewriter(new RtpTimestamp(entropy.NextUInt32()), codecs[0].ClockRate);
    }

    public Ssrc Ssrc { get; }

    public SectionKind Kind { get; }

    /// <summary>Null while the section waits for reuse.</summary>
    public ReceiveStream? Source { get; private set; }

    /// <summary>The subscriber's number for the source's codec.</summary>
    public PayloadType PayloadType { get; private set; }

    /// <summary>Video that has not reached its first key frame since the start.</summary>
    public bool AwaitsKeyframe => starting && Kind == SectionKind.Video;

    /// <summary>Bytes for the MID extension: sent until the subscriber shows that it knows the SSRC (RFC 8843 §9.2).</summary>
    public ReadOnlySpan<byte> Mid => acknowledged ? default : mid;

    /// <summary>False when the subscriber did not negotiate the source's codec.</summary>
    public bool TryBind(ReceiveStream source)
    {
        if (source.Kind != Kind || CodecFor(source) is not { } codec) return false;
        Source = source;
        PayloadType = codec.PayloadType;
        isVp8 = codec.Is("VP8");
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
        vp8.Restart();
    }

    /// <summary>A report or feedback named this SSRC.</summary>
    public void Acknowledge() => acknowledged = true;

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

    /// <summary>True when the copy's VP8 descriptor must be overwritten with these.</summary>
    public bool TryPatchVp8(in MediaPacket packet, out ushort pictureId, out byte tl0PicIdx)
    {
        if (isVp8 && packet.Vp8.HasPictureId) return vp8.TryMap(packet.Vp8, out pictureId, out tl0PicIdx);
        pictureId = 0;
        tl0PicIdx = 0;
        return false;
    }

    public void Sent(int payloadBytes)
    {
        packets++;
        octets += (uint)payloadBytes;
    }

    /// <summary>What the next sender report says. False while there is nothing true to say: nothing sent, or the publisher has not reported.</summary>
    public bool TryReport(Instant now, out SenderInfo info)
    {
        info = default;
        if (packets == 0 || Source is null || !timestamps.IsRunning || !Source.TryProject(now, out var ntp, out var timestamp)) return false;
        info = new SenderInfo(ntp, timestamps.Project(timestamp), packets, octets);
        return true;
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

    Codec? CodecFor(ReceiveStream source)
    {
        foreach (var codec in codecs)
        {
            if (codec.Is(source.Codec.Name) && codec.ClockRate == source.Codec.ClockRate) return codec;
        }

        return null;
    }
}
