using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Tests.Media.Harness;

/// <summary>What a publishing test peer has sent lately, to be sent again when asked for.</summary>
sealed class SentHistory
{
    const int Kept = 2000;

    readonly Dictionary<ushort, (RtpHeaderFields Fields, byte[] Payload)> packets = [];
    readonly Queue<ushort> order = new();

    public void Add(in RtpHeaderFields fields, ReadOnlySpan<byte> payload)
    {
        packets[fields.Sequence.Value] = (fields, payload.ToArray());
        order.Enqueue(fields.Sequence.Value);
        if (order.Count > Kept) packets.Remove(order.Dequeue());
    }

    public bool TryGet(SequenceNumber sequence, out RtpHeaderFields fields, out byte[] payload)
    {
        var isKept = packets.TryGetValue(sequence.Value, out var packet);
        (fields, payload) = packet;
        return isKept;
    }
}

/// <summary>What a subscribing test peer misses of one stream: asked for each 30 ms until it comes, at most twenty times.</summary>
sealed class MissingPackets
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(30);
    const int MaxTries = 20;

    readonly SortedDictionary<long, int> missing = [];
    SequenceUnwrapper numbers;

    public Instant NextDeadline { get; private set; } = Instant.Never;

    /// <summary>Every number that was ever missing and has not come.</summary>
    public int Count => missing.Count;

    public void Arrived(Instant now, SequenceNumber sequence)
    {
        var highest = numbers.Highest;
        var number = numbers.Unwrap(sequence);
        missing.Remove(number);
        if (highest == 0) return;
        for (var one = highest + 1; one < number; one++) missing.Add(one, 0);
        if (missing.Count > 0 && NextDeadline.IsNever) NextDeadline = now + Interval;
    }

    public SequenceNumber[] TakeDue(Instant now)
    {
        if (now < NextDeadline) return [];
        var due = missing.Where(entry => entry.Value < MaxTries).Select(entry => entry.Key).Take(100).ToArray();
        foreach (var number in due) missing[number]++;
        NextDeadline = due.Length > 0 ? now + Interval : Instant.Never;
        return [.. due.Select(number => new SequenceNumber((ushort)number))];
    }
}
