using Realtime.Media.Core;

namespace Realtime.Media.Rtcp;

/// <summary>Writes transport-wide congestion feedback: the chunks of <see cref="TransportFeedbackStatuses"/>, whichever is shorter, and the deltas.</summary>
public static class TransportFeedbackWriter
{
    /// <summary>Statuses per packet, and bytes of deltas: with both the packet stays below 1,000 bytes.</summary>
    const int MaxStatuses = 1024;
    const int MaxDeltaBytes = 600;
    const int MaxRun = 0x1FFF;
    const byte NotReceived = 0, Small = 1, Large = 2;

    /// <summary>
    /// Tells of <paramref name="count"/> numbers from <paramref name="first"/> on, the first of which arrived, or of as many as one packet holds.
    /// </summary>
    /// <param name="arrivals">A ring of a power of two, by number; <see cref="Instant.Never"/>: not received.</param>
    /// <returns>How many it tells of; 0 when it did not fit into the compound.</returns>
    public static int Write(ref RtcpWriter writer, Ssrc sender, Ssrc media, long first, int count, ReadOnlySpan<Instant> arrivals, byte feedbackCount)
    {
        Span<byte> symbols = stackalloc byte[MaxStatuses];
        Span<short> deltas = stackalloc short[MaxDeltaBytes];
        var reference = TickOf(arrivals[Slot(first, arrivals)]) / TransportFeedback.TicksPerReference;
        var previous = reference * TransportFeedback.TicksPerReference;
        var (told, deltaBytes, received) = (0, 0, 0);
        for (; told < Math.Min(count, MaxStatuses); told++)
        {
            var at = arrivals[Slot(first + told, arrivals)];
            if (at.IsNever)
            {
                symbols[told] = NotReceived;
                continue;
            }

            var tick = TickOf(at);
            var delta = tick - previous;
            // Too far from the one before: it begins a packet of its own.
            if (delta is < short.MinValue or > short.MaxValue) break;
            symbols[told] = delta is >= 0 and <= byte.MaxValue ? Small : Large;
            if (deltaBytes + symbols[told] > MaxDeltaBytes) break;
            deltaBytes += symbols[told];
            deltas[received++] = (short)delta;
            previous = tick;
        }

        symbols = symbols[..told];
        var chunkBytes = 2 * WriteChunks(symbols, default, write: false);
        var length = (TransportFeedback.HeadLength + chunkBytes + deltaBytes + 3) & ~3;
        if (!writer.TryBeginFeedback(RtcpPacketType.TransportFeedback, FeedbackFormat.TransportWideCc, sender, media, length, out var body)) return 0;
        body.UInt16((ushort)first);
        body.UInt16((ushort)told);
        body.UInt24((uint)reference & 0xFF_FFFF);
        body.Byte(feedbackCount);
        Span<ushort> chunks = stackalloc ushort[chunkBytes / 2];
        WriteChunks(symbols, chunks, write: true);
        foreach (var chunk in chunks) body.UInt16(chunk);
        received = 0;
        foreach (var symbol in symbols)
        {
            if (symbol == NotReceived) continue;
            var delta = deltas[received++];
            if (symbol == Small) body.Byte((byte)delta);
            else body.UInt16((ushort)delta);
        }

        return told;
    }

    static long TickOf(Instant at) => at.Nanoseconds / TransportFeedback.NanosecondsPerTick;

    static int Slot(long number, ReadOnlySpan<Instant> arrivals) => (int)(number & (arrivals.Length - 1));

    static int WriteChunks(ReadOnlySpan<byte> symbols, Span<ushort> chunks, bool write)
    {
        var count = 0;
        for (var i = 0; i < symbols.Length; count++)
        {
            var chunk = NextChunk(symbols[i..], out var length);
            if (write) chunks[count] = chunk;
            i += length;
        }

        return count;
    }

    static ushort NextChunk(ReadOnlySpan<byte> symbols, out int length)
    {
        var run = symbols.IndexOfAnyExcept(symbols[0]);
        if (run < 0) run = symbols.Length;
        var ones = Math.Min(symbols.Length, 14);
        var fitsOneBit = !symbols[..ones].Contains(Large);
        if (run >= 14 || run == symbols.Length || (run >= 7 && !fitsOneBit))
        {
            length = Math.Min(run, MaxRun);
            return (ushort)((symbols[0] << 13) | length);
        }

        var chunk = fitsOneBit ? 0x8000 : 0xC000;
        length = fitsOneBit ? ones : Math.Min(symbols.Length, 7);
        for (var i = 0; i < length; i++) chunk |= fitsOneBit ? symbols[i] << (13 - i) : symbols[i] << (12 - (2 * i));
        return (ushort)chunk;
    }
}
