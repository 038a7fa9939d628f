using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// A batch of events between replicas: lines ended by <c>\n</c>, the first <c>1 EPOCH SEQ</c> (format, epoch, number of the first event), then one event's JSON each, consecutively
/// numbered. JSON as we write it holds no line feed. <see cref="TryRead"/> never throws.
/// </summary>
public static class NewsFormat
{
    /// <summary>A batch of 50 of the longest messages takes less.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;

    const int MaxEvents = 64;

    /// <param name="events">Consecutive, of one epoch, at least one.</param>
    public static byte[] Write(IReadOnlyList<ChannelEvent> events)
    {
        var buffer = new ArrayBufferWriter<byte>(64 + events.Sum(static one => one.Payload.Length + 1));
        buffer.Write("1 "u8);
        WriteNumber(buffer, events[0].Epoch, (byte)' ');
        WriteNumber(buffer, events[0].Seq, (byte)'\n');
        foreach (var one in events)
        {
            buffer.Write(one.Payload.Span);
            buffer.Write("\n"u8);
        }
        return buffer.WrittenSpan.ToArray();
    }

    public static bool TryRead(ReadOnlyMemory<byte> message, [NotNullWhen(true)] out List<ChannelEvent>? events)
    {
        events = null;
        var rest = message.Span;
        if (rest.Length > MaxBytes || !rest.StartsWith("1 "u8) || rest[^1] != (byte)'\n')
            return false;
        rest = rest[2..];
        if (!TryReadNumber(ref rest, (byte)' ', out var epoch) || !TryReadNumber(ref rest, (byte)'\n', out var seq))
            return false;
        var read = new List<ChannelEvent>();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            if (end <= 0 || rest[0] != (byte)'{' || read.Count == MaxEvents)
                return false;
            read.Add(HubFrames.MessageCreated(epoch, seq++, rest[..end]));
            rest = rest[(end + 1)..];
        }
        events = read;
        return read.Count > 0;
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
