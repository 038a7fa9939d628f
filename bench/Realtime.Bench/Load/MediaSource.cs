using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Bench.Load;

/// <summary>
/// A camera or a microphone as libwebrtc sends it. Camera: VP8, 30 frames per second, each split about equally into packets of at most
/// <see cref="MaxPayload"/> bytes, the longer ones last; frame sizes vary; a key frame at the start and when asked for. Microphone: Opus, 20 ms.
/// </summary>
sealed class MediaSource(SourceKind kind, int kilobitsPerSecond, uint id, Entropy entropy)
{
    public const int FramesPerSecond = 30;
    public const int MaxPayload = 1160;

    const int Descriptor = 4;
    const int FrameHeader = 10;
    const int AudioPayload = 120;
    const int KeyframeFactor = 4;
    const int MaxPacketsPerFrame = 4000;

    readonly byte[] payload = Filler(entropy);
    readonly RtpTimestamp firstTimestamp = new(entropy.NextUInt32());
    // Below half the range, so that no receiver doubts its rollover counter (RFC 3711 §3.3.1).
    SequenceNumber sequence = new((ushort)(entropy.NextUInt16() & 0x7FFF));
    ushort pictureId = (ushort)(entropy.NextUInt16() & 0x7FFF);
    Instant firstAt = Instant.Never;
    Instant keyframeAt = Instant.Never;

    public delegate void Sink(in RtpHeaderFields fields, ReadOnlySpan<byte> payload);

    public Ssrc Ssrc { get; } = new(id);

    public SourceKind Kind => kind;

    public bool IsVideo => kind == SourceKind.Video;

    /// <summary>As answered.</summary>
    public PayloadType PayloadType { get; set; } = kind == SourceKind.Video ? MediaOffer.Vp8 : MediaOffer.Opus;

    public long PacketsSent { get; private set; }

    public long BytesSent { get; private set; }

    public bool KeyframeWanted { get; set; } = true;

    public Instant NextDeadline { get; private set; } = Instant.Never;

    TimeSpan Interval => IsVideo ? TimeSpan.FromSeconds(1.0 / FramesPerSecond) : TimeSpan.FromMilliseconds(20);

    /// <summary>Bytes of the codec's header before the stamp.</summary>
    public static int StampOffset(SourceKind kind) => kind == SourceKind.Video ? Descriptor + FrameHeader : 0;

    public void Start(Instant now)
    {
        // Spread over an interval, so that publishers do not send in step.
        NextDeadline = now + (Interval * entropy.NextDouble());
        if (firstAt.IsNever) firstAt = now;
    }

    public void Pause() => NextDeadline = Instant.Never;

    public RtpTimestamp TimestampAt(Instant now) => firstTimestamp + (long)((now - firstAt).TotalSeconds * (IsVideo ? 90_000 : 48_000));

    /// <summary>Sends the frame that is due.</summary>
    public void Tick(Instant now, Sink send)
    {
        if (now < NextDeadline) return;
        NextDeadline += Interval;
        // After a stall the frames missed are not made up for.
        if (NextDeadline < now) NextDeadline = now + Interval;
        if (IsVideo) SendFrame(now, send);
        else Send(now, payload.AsSpan(0, AudioPayload), marker: false, send);
    }

    void SendFrame(Instant now, Sink send)
    {
        // A browser's encoder answers requests about once a second at most.
        var isKey = KeyframeWanted && (keyframeAt.IsNever || now - keyframeAt > TimeSpan.FromMilliseconds(300));
        if (isKey) (KeyframeWanted, keyframeAt) = (false, now);
        pictureId = (ushort)((pictureId + 1) & 0x7FFF);
        var average = kilobitsPerSecond * 1000 / 8 / FramesPerSecond;
        var size = isKey ? average * KeyframeFactor : (int)(average * (0.85 + (0.3 * entropy.NextDouble())));
        var count = Math.Clamp((size + MaxPayload - 1) / MaxPayload, 1, MaxPacketsPerFrame);
        var length = Math.Max(size / count, Descriptor + FrameHeader + Stamp.Length);
        var longer = Math.Max(0, size - (length * count));
        for (var i = 0; i < count; i++)
        {
            var body = payload.AsSpan(0, length + (i >= count - longer ? 1 : 0));
            body[0] = (byte)(0x80 | (i == 0 ? 0x10 : 0));
            body[1] = 0x80;
            BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(pictureId | 0x8000));
            WriteFrameHeader(body[Descriptor..], isKey && i == 0);
            Send(now, body, marker: i == count - 1, send);
        }
    }

    /// <summary>RFC 6386 §9.1: the frame tag, and of a key frame start code and size.</summary>
    static void WriteFrameHeader(Span<byte> frame, bool isKey)
    {
        frame[0] = (byte)(isKey ? 0x10 : 0x11);
        if (!isKey) return;
        frame[3] = 0x9D;
        frame[4] = 0x01;
        frame[5] = 0x2A;
        BinaryPrimitives.WriteUInt16LittleEndian(frame[6..], 1280);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[8..], 720);
    }

    void Send(Instant now, Span<byte> body, bool marker, Sink send)
    {
        new Stamp(id, PacketsSent++, ThreadTime.UnixNanoseconds).Write(body[StampOffset(kind)..]);
        BytesSent += body.Length;
        send(new RtpHeaderFields(marker, PayloadType, sequence, TimestampAt(now), Ssrc), body);
        sequence = sequence.Next;
    }

    static byte[] Filler(Entropy entropy)
    {
        var bytes = new byte[MaxPayload + 64];
        entropy.Fill(bytes);
        return bytes;
    }
}

enum SourceKind
{
    Audio,
    Video,
}
