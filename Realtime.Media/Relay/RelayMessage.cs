using System.Text;
using Realtime.Media.Core;
using Realtime.Media.Sdp;

namespace Realtime.Media.Relay;

public enum RelayMessageKind : byte
{
    /// <summary>What plays in the section from now on.</summary>
    Published = 1,
    Unpublished = 2,
    Muted = 3,
    /// <summary>What those behind the relay want of a track: the layer that fits.</summary>
    Wish = 4,
    /// <summary>This part of the room ends.</summary>
    Goodbye = 5,
}

/// <summary>
/// One thing that a part of a room tells another.
/// <code>| kind (8) | length (8), mid | published: track, publisher, source, codec, fmtp as length (8|16) and UTF-8, clock rate (32), channels (8), kind (8), muted (8), payload type (8), SSRCs (32, 32)
///  | muted: muted (8) | wish: width (16), height (16), frames per second (8), paused (8) |</code>
/// </summary>
public sealed record RelayMessage(RelayMessageKind Kind, string Mid)
{
    public const int MaxLength = 900;

    public RelayedTrack? Track { get; init; }

    public bool Muted { get; init; }

    public RelayWish Wish { get; init; }

    /// <summary>False when it is longer than <see cref="MaxLength"/>: names a thousand bytes long.</summary>
    public bool TryWrite(Span<byte> destination, out int length)
    {
        var writer = new SpanWriter(destination[..Math.Min(destination.Length, MaxLength)]);
        writer.Byte((byte)Kind);
        Text(ref writer, Mid);
        switch (Kind)
        {
            case RelayMessageKind.Published:
                Write(ref writer, Track!);
                break;
            case RelayMessageKind.Muted:
                writer.Byte((byte)(Muted ? 1 : 0));
                break;
            case RelayMessageKind.Wish:
                writer.UInt16(Wish.MaxWidth);
                writer.UInt16(Wish.MaxHeight);
                writer.Byte(Wish.MaxFramesPerSecond);
                writer.Byte((byte)(Wish.Paused ? 1 : 0));
                break;
        }

        length = writer.Position;
        return !writer.Overflowed;
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out RelayMessage message)
    {
        message = null!;
        var reader = new SpanReader(bytes);
        if (!reader.TryReadByte(out var kind) || !TryText(ref reader, out var mid)) return false;
        var read = new RelayMessage((RelayMessageKind)kind, mid);
        switch (read.Kind)
        {
            case RelayMessageKind.Published:
                if (!TryRead(ref reader, out var track)) return false;
                message = read with { Track = track };
                return true;
            case RelayMessageKind.Unpublished or RelayMessageKind.Goodbye:
                message = read;
                return true;
            case RelayMessageKind.Muted:
                if (!reader.TryReadByte(out var muted)) return false;
                message = read with { Muted = muted != 0 };
                return true;
            case RelayMessageKind.Wish:
                if (!reader.TryReadUInt16(out var width) || !reader.TryReadUInt16(out var height) || !reader.TryReadByte(out var rate) || !reader.TryReadByte(out var paused)) return false;
                message = read with { Wish = new RelayWish(width, height, rate, paused != 0) };
                return true;
            default:
                return false;
        }
    }

    static void Write(ref SpanWriter writer, RelayedTrack track)
    {
        Text(ref writer, track.Track);
        Text(ref writer, track.Publisher);
        Text(ref writer, track.Source);
        Text(ref writer, track.Codec.Name);
        Text(ref writer, track.Codec.FormatParameters);
        writer.UInt32((uint)track.Codec.ClockRate);
        writer.Byte((byte)track.Codec.Channels);
        writer.Byte((byte)track.Kind);
        writer.Byte((byte)(track.Muted ? 1 : 0));
        writer.Byte(track.Codec.PayloadType.Value);
        writer.UInt32(track.Ssrc.Value);
        writer.UInt32(track.Repair.Value);
    }

    static bool TryRead(ref SpanReader reader, out RelayedTrack track)
    {
        track = null!;
        if (!TryText(ref reader, out var id) || !TryText(ref reader, out var publisher) || !TryText(ref reader, out var source) || !TryText(ref reader, out var name)
            || !TryText(ref reader, out var format) || !reader.TryReadUInt32(out var clockRate) || !reader.TryReadByte(out var channels) || !reader.TryReadByte(out var kind)
            || !reader.TryReadByte(out var muted) || !reader.TryReadByte(out var type) || !reader.TryReadUInt32(out var ssrc) || !reader.TryReadUInt32(out var repair))
        {
            return false;
        }

        if ((SectionKind)kind is not (SectionKind.Audio or SectionKind.Video) || type > PayloadType.Max || clockRate is 0 or > 1_000_000) return false;
        var codec = new Codec(new PayloadType(type), name, (int)clockRate, channels) { FormatParameters = format };
        track = new RelayedTrack(id, publisher, (SectionKind)kind, codec, source, muted != 0, new Ssrc(ssrc), new Ssrc(repair));
        return true;
    }

    static void Text(ref SpanWriter writer, string text)
    {
        Span<byte> bytes = stackalloc byte[byte.MaxValue];
        // What is longer is cut at a character: labels are free text, ids and names are shorter.
        Encoding.UTF8.GetEncoder().Convert(text, bytes, flush: true, out _, out var length, out _);
        writer.Byte((byte)length);
        writer.Bytes(bytes[..length]);
    }

    static bool TryText(ref SpanReader reader, out string text)
    {
        text = "";
        if (!reader.TryReadByte(out var length) || !reader.TryReadBytes(length, out var bytes)) return false;
        text = Encoding.UTF8.GetString(bytes);
        return true;
    }
}

/// <param name="MaxWidth">0: any, and so on.</param>
public readonly record struct RelayWish(ushort MaxWidth, ushort MaxHeight, byte MaxFramesPerSecond, bool Paused);
