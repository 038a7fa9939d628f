using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// A batch of events between replicas: lines ended by <c>\n</c>, the first <c>FORMAT EPOCH SEQ</c> (number of the first event), then one event each, consecutively numbered.
/// Format 1 holds new messages only, a line is its JSON; it is written whenever it suffices, because replicas of the version before read nothing else. Format 2 holds events of all kinds,
/// a line is <c>KIND MESSAGESEQ JSON</c>. JSON as we write it holds no line feed. <see cref="TryRead"/> never throws.
/// </summary>
public static class NewsFormat
{
    /// <summary>A batch of 50 of the longest messages takes less.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;

    const int MaxEvents = 64;

    /// <summary>By <see cref="ChannelEventKind"/>: created, updated, deleted.</summary>
    static ReadOnlySpan<byte> Kinds => "cud"u8;

    /// <param name="events">Consecutive, of one epoch, at least one.</param>
    public static byte[] Write(IReadOnlyList<ChannelEvent> events)
    {
        var plain = events.All(static one => one.Kind == ChannelEventKind.Created);
        var buffer = new ArrayBufferWriter<byte>(64 + events.Sum(static one => one.Payload.Length + 24));
        buffer.Write(plain ? "1 "u8 : "2 "u8);
        WriteNumber(buffer, events[0].Epoch, (byte)' ');
        WriteNumber(buffer, events[0].Seq, (byte)'\n');
        foreach (var one in events)
        {
            if (!plain)
            {
                buffer.Write([Kinds[(int)one.Kind], (byte)' ']);
                WriteNumber(buffer, one.MessageSeq, (byte)' ');
            }
            buffer.Write(one.Payload.Span);
            buffer.Write("\n"u8);
        }
        return buffer.WrittenSpan.ToArray();
    }

    public static bool TryRead(ReadOnlyMemory<byte> message, [NotNullWhen(true)] out List<ChannelEvent>? events)
    {
        events = null;
        var rest = message.Span;
        if (rest.Length is < 2 or > MaxBytes || rest[0] is not ((byte)'1' or (byte)'2') || rest[1] != (byte)' ' || rest[^1] != (byte)'\n')
            return false;
        var plain = rest[0] == (byte)'1';
        rest = rest[2..];
        if (!TryReadNumber(ref rest, (byte)' ', out var epoch) || !TryReadNumber(ref rest, (byte)'\n', out var seq))
            return false;
        var read = new List<ChannelEvent>();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            if (end <= 0 || read.Count == MaxEvents || !TryReadEvent(rest[..end], plain, epoch, seq++, out var next))
                return false;
            read.Add(next);
            rest = rest[(end + 1)..];
        }
        events = read;
        return read.Count > 0;
    }

    static bool TryReadEvent(ReadOnlySpan<byte> line, bool plain, long epoch, long seq, [NotNullWhen(true)] out ChannelEvent? next)
    {
        next = null;
        var (kind, of) = (0, seq);
        if (!plain)
        {
            kind = Kinds.IndexOf(line[0]);
            if (kind < 0 || line.Length < 2 || line[1] != (byte)' ')
                return false;
            line = line[2..];
            if (!TryReadNumber(ref line, (byte)' ', out of) || of > seq || (kind == 0) != (of == seq))
                return false;
        }
        if (line.IsEmpty || line[0] != (byte)'{')
            return false;
        next = HubFrames.Channel((ChannelEventKind)kind, epoch, seq, of, line);
        return true;
    }

    static void WriteNumber(ArrayBufferWriter<byte> buffer, long number, byte end)
    {
        var span = buffer.GetSpan(21);
        Utf8Formatter.TryFormat(number, span, out var written);
        span[written] = end;
        buffer.Advance(written + 1);
    }

    static bool TryReadNumber(ref ReadOnlySpan<byte> rest, byte end, out long number)
    {
        if (!Utf8Parser.TryParse(rest, out number, out var used) || number < 1 || used >= rest.Length || rest[used] != end)
            return false;
        rest = rest[(used + 1)..];
        return true;
    }
}
