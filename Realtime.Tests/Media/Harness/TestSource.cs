using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Tests.Media.Harness;

/// <summary>
/// A microphone (one packet each 20 ms) or a camera (30 frames per second, three packets each, ten in a key frame). Every payload
/// ends in a stamp, the source's SSRC and the packet's number, by which a receiver knows what it got.
/// </summary>
sealed class TestSource(TestOffer.Section section, Entropy entropy, TestEncoding? encoding = null)
{
    public const int StampLength = 12;
    const int DescriptorRoom = 20;
    const int KeyframePackets = 10;
    const int FramePackets = 3;
    const int VideoPacketLength = 900;
    const int AudioPacketLength = 80;

    readonly byte[] payload = new byte[VideoPacketLength];
    readonly RtpTimestamp firstTimestamp = new(entropy.NextUInt32());
    SequenceNumber sequence = new(entropy.NextUInt16());
    ushort pictureId = (ushort)(entropy.NextUInt16() & 0x7FFF);
    byte tl0PicIdx = (byte)entropy.NextUInt16();
    Instant? startedAt;
    long frame;

    public delegate void Sink(in RtpHeaderFields fields, ReadOnlySpan<byte> payload);

    public Ssrc Ssrc => encoding?.Ssrc ?? section.Ssrc;

    /// <summary>In a simulcast.</summary>
    public TestEncoding? Encoding => encoding;

    public string Mid => section.Mid;

    public SectionKind Kind => section.Kind;

    public bool IsVideo => section.Kind == SectionKind.Video;

    /// <summary>By the answer: what is sent, under which number, and the number of its RTX.</summary>
    public Codec Codec { get; private set; } = section.Kind == SectionKind.Video ? TestCodecs.Vp8()[0] : new Codec(TestOffer.Opus, "opus", 48_000, 2);

    public PayloadType? RtxPayloadType { get; private set; }

    public Ssrc RtxSsrc => encoding is null ? section.RtxSsrc : new Ssrc(encoding.Ssrc.Value ^ 0x5555_0000);

    public SentHistory History { get; } = new();

    public SequenceNumber RtxSequence { get; set; } = new(entropy.NextUInt16());

    public long FrameNumber { get; private set; }

    public bool IsRunning { get; set; } = true;

    /// <summary>A report has named its SSRC.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>How loud its audio says it is, in −dBov: 0 the loudest, 127 silence.</summary>
    public byte Level { get; set; } = 5;

    public bool KeyframeWanted { get; set; } = true;

    public int KeyframesSent { get; private set; }

    public long PacketsSent { get; private set; }

    public long BytesSent { get; private set; }

    public RtpTimestamp Timestamp { get; private set; }

    public Instant NextDeadline { get; private set; } = Instant.Zero;

    public int ClockRate => IsVideo ? 90_000 : 48_000;

    public void Accept(MediaDescription answer)
    {
        Codec = answer.Codecs[0];
        RtxPayloadType = answer.Codecs.FirstOrDefault(codec => codec.IsRtx && codec.AssociatedPayloadType == Codec.PayloadType)?.PayloadType;
    }

    public RtpTimestamp TimestampAt(Instant now) => firstTimestamp + (long)((now - (startedAt ?? now)).TotalSeconds * ClockRate);

    public void Tick(Instant now, Sink send)
    {
        if (now < NextDeadline) return;
        startedAt ??= now;
        NextDeadline = now + (IsVideo ? TimeSpan.FromSeconds(1.0 / 30) : TimeSpan.FromMilliseconds(20));
        Timestamp = TimestampAt(now);
        if (!IsRunning) return;
        if (IsVideo) SendFrame(send);
        else if (Codec.IsRed) SendRed(send);
        else Send(send, payload.AsSpan(0, AudioPacketLength), marker: false);
    }

    /// <summary>Each frame comes twice (RFC 2198): after the one that follows it as well.</summary>
    void SendRed(Sink send)
    {
        var opus = Codec.AssociatedPayloadType!.Value.Value;
        var body = payload.AsSpan(0, 5 + (2 * AudioPacketLength));
        BinaryPrimitives.WriteUInt32BigEndian(body, (0x80u | opus) << 24 | (960u << 10) | AudioPacketLength);
        body[4] = opus;
        body[^AudioPacketLength..].CopyTo(body[5..]);
        Send(send, body, marker: false);
    }

    void SendFrame(Sink send)
    {
        var isKey = KeyframeWanted;
        KeyframeWanted = false;
        if (isKey) KeyframesSent++;
        pictureId = (ushort)((pictureId + 1) & 0x7FFF);
        frame = isKey ? 0 : frame + 1;
        if (encoding is null || encoding.Temporal(frame) == 0) tl0PicIdx++;
        FrameNumber++;
        var packets = isKey ? KeyframePackets : FramePackets;
        for (var i = 0; i < packets; i++)
        {
            var body = payload.AsSpan(0, encoding?.PacketLength ?? VideoPacketLength);
            body.Clear();
            if (encoding is null) TestPayloads.Write(Codec, body[..DescriptorRoom], isKey, isFirst: i == 0, pictureId, tl0PicIdx);
            else encoding.Write(body[..DescriptorRoom], isKey, isFirst: i == 0, pictureId, tl0PicIdx, frame);
            Send(send, body, marker: i == packets - 1);
        }
    }

    void Send(Sink send, Span<byte> body, bool marker)
    {
        BinaryPrimitives.WriteUInt32BigEndian(body[^StampLength..], Ssrc.Value);
        BinaryPrimitives.WriteInt64BigEndian(body[^8..], PacketsSent++);
        BytesSent += body.Length;
        var fields = new RtpHeaderFields(marker, Codec.PayloadType, sequence, Timestamp, Ssrc);
        if (RtxPayloadType is not null) History.Add(fields, body);
        send(fields, body);
        sequence = sequence.Next;
    }
}
