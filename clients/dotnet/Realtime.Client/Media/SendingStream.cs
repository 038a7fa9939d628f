using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Client.Media;

/// <summary>What we send in one section: frames as packets, and again what got lost of them.</summary>
sealed class SendingStream(bool isVideo, Entropy entropy)
{
    /// <summary>Of a payload, so that packet, header extensions and tag fit into 1,200 bytes, which every path carries.</summary>
    public const int MaxPayload = 1100;

    readonly PacketCache? _cache = isVideo ? new PacketCache() : null;
    readonly RtxSender _repairs = new(new Ssrc(entropy.NextUInt32() | 1), new SequenceNumber(entropy.NextUInt16()));
    readonly RtpTimestamp _first = new(entropy.NextUInt32());
    readonly byte[] _payload = new byte[MaxPayload];
    Vp8Packets _vp8 = new(entropy.NextUInt16());
    SequenceNumber _sequence = new(entropy.NextUInt16());
    RtpTimestamp _last;
    Instant _lastAt;
    uint _packets;
    uint _bytes;

    public Ssrc Ssrc { get; } = new(entropy.NextUInt32() | 1);

    public Ssrc RepairSsrc => _repairs.Ssrc;

    /// <summary>By the answer.</summary>
    public PayloadType? PayloadType { get; private set; }

    public void Accept(MediaDescription answer)
    {
        var codec = answer.IsRejected ? null : answer.Codecs.FirstOrDefault(codec => !codec.IsRtx && codec.Is(isVideo ? "VP8" : "opus"));
        PayloadType = codec?.PayloadType;
        _repairs.PayloadType = codec is null ? null : answer.Codecs.FirstOrDefault(one => one.IsRtx && one.AssociatedPayloadType == codec.PayloadType)?.PayloadType;
    }

    public delegate void PacketSink(in RtpHeaderFields fields, byte? level, ReadOnlySpan<byte> payload);

    /// <summary>Hands out the frame's packets. Bounded by the frame: nothing is kept but what may be asked for again.</summary>
    public void Write(Instant now, EncodedFrame frame, PacketSink send)
    {
        if (PayloadType is not { } type)
            return;
        var clock = isVideo ? MediaFormats.VideoClock : MediaFormats.AudioClock;
        (_last, _lastAt) = (_first + (long)Math.Round(frame.Timestamp.TotalSeconds * clock), now);
        var rest = frame.Data.Span;
        if (!isVideo)
        {
            Send(now, new RtpHeaderFields(_packets == 0, type, _sequence, _last, Ssrc), frame.Level, rest, send);
            return;
        }
        _vp8.NextFrame();
        for (var isFirst = true; !rest.IsEmpty; isFirst = false)
        {
            var length = _vp8.Write(isFirst, ref rest, _payload);
            Send(now, new RtpHeaderFields(rest.IsEmpty, type, _sequence, _last, Ssrc), null, _payload.AsSpan(0, length), send);
        }
    }

    /// <summary>A packet that the server misses, as RTX, within what <see cref="RtxSender"/> allows.</summary>
    public void Repeat(Instant now, SequenceNumber missed, TimeSpan roundTrip, PacketSink send)
    {
        if (_repairs.PayloadType is not { } type || _cache?.TryGet(missed, out var packet, out _, out _) != true || !RtpHeader.TryRead(packet, out var header)
            || !_repairs.TryTake(now, missed, packet.Length, roundTrip))
            return;
        Span<byte> payload = stackalloc byte[MaxPayload + RtxPayload.OsnLength];
        RtxPayload.WriteOsn(payload, missed);
        header.Payload(packet).CopyTo(payload[RtxPayload.OsnLength..]);
        send(new RtpHeaderFields(header.Marker, type, _repairs.NextSequence(), header.Timestamp, RepairSsrc), null, payload[..(header.PayloadLength + RtxPayload.OsnLength)]);
    }

    /// <summary>What has been sent, and which RTP time is now; null before anything was.</summary>
    public SenderInfo? Report(Instant now)
    {
        if (_packets == 0)
            return null;
        var clock = isVideo ? MediaFormats.VideoClock : MediaFormats.AudioClock;
        return new SenderInfo(NtpTime.At(now), _last + (long)((now - _lastAt).TotalSeconds * clock), _packets, _bytes);
    }

    void Send(Instant now, in RtpHeaderFields fields, byte? level, ReadOnlySpan<byte> payload, PacketSink send)
    {
        if (_cache is not null)
        {
            Span<byte> packet = stackalloc byte[RtpHeader.MinLength + MaxPayload];
            fields.TryWrite(packet);
            payload.CopyTo(packet[RtpHeader.MinLength..]);
            _cache.Add(fields.Sequence, now, packet[..(RtpHeader.MinLength + payload.Length)]);
            _repairs.Earn(payload.Length);
        }
        _packets++;
        _bytes += (uint)payload.Length;
        _sequence = _sequence.Next;
        send(fields, level, payload);
    }
}
