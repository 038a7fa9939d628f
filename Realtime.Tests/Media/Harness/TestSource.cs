using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Tests.Media.Harness;

/// <summary>
/// A microphone (one packet each 20 ms) or a camera (30 frames per second, three packets each, ten in a key frame). Every payload
/// ends in a stamp, the source's SSRC and the packet's number, by which a receiver knows what it got.
/// </summary>
sealed class TestSource(TestOffer.Section section, Entropy entropy)
{
    public const int StampLength = 12;
    const int Vp8DescriptorLength = 5;
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

    public delegate void Sink(in RtpHeaderFields fields, ReadOnlySpan<byte> payload);

    public Ssrc Ssrc => section.Ssrc;

    public string Mid => section.Mid;

    public SectionKind Kind => section.Kind;

    public bool IsVideo => section.Kind == SectionKind.Video;

    public bool IsRunning { get; set; } = true;

    public bool KeyframeWanted { get; set; } = true;

    public int KeyframesSent { get; private set; }

    public long PacketsSent { get; private set; }

    public long BytesSent { get; private set; }

    public RtpTimestamp Timestamp { get; private set; }

    public Instant NextDeadline { get; private set; } = Instant.Zero;

    public int ClockRate => IsVideo ? 90_000 : 48_000;

    public RtpTimestamp TimestampAt(Instant now) => firstTimestamp + (long)((now - (startedAt ?? now)).TotalSeconds * ClockRate);

    public void Tick(Instant now, Sink send)
    {
        if (now < NextDeadline) return;
        startedAt ??= now;
        NextDeadline = now + (IsVideo ? TimeSpan.FromSeconds(1.0 / 30) : TimeSpan.FromMilliseconds(20));
        Timestamp = TimestampAt(now);
        if (!IsRunning) return;
        if (IsVideo) SendFrame(send);
        else Send(send, payload.AsSpan(0, AudioPacketLength), marker: false);
    }

    void SendFrame(Sink send)
    {
        var isKey = KeyframeWanted;
        KeyframeWanted = false;
        if (isKey) KeyframesSent++;
        pictureId = (ushort)((pictureId + 1) & 0x7FFF);
        tl0PicIdx++;
        var packets = isKey ? KeyframePackets : FramePackets;
        for (var i = 0; i < packets; i++)
        {
            var body = payload.AsSpan();
            body.Clear();
            body[0] = (byte)(0x80 | (i == 0 ? 0x10 : 0));
            body[1] = 0xC0;
            BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(pictureId | 0x8000));
            body[4] = tl0PicIdx;
            var frame = body[Vp8DescriptorLength..];
            frame[0] = (byte)(isKey ? 0x10 : 0x11);
            if (isKey && i == 0)
            {
                frame[3] = 0x9D;
                frame[4] = 0x01;
                frame[5] = 0x2A;
                BinaryPrimitives.WriteUInt16LittleEndian(frame[6..], 640);
                BinaryPrimitives.WriteUInt16LittleEndian(frame[8..], 480);
            }

            Send(send, body, marker: i == packets - 1);
        }
    }

    void Send(Sink send, Span<byte> body, bool marker)
    {
        BinaryPrimitives.WriteUInt32BigEndian(body[^StampLength..], Ssrc.Value);
        BinaryPrimitives.WriteInt64BigEndian(body[^8..], PacketsSent++);
        BytesSent += body.Length;
        send(new RtpHeaderFields(marker, IsVideo ? TestOffer.Vp8 : TestOffer.Opus, sequence, Timestamp, Ssrc), body);
        sequence = sequence.Next;
    }
}
