
namespace Realtime.Media.Congestion;

/// <summary>
/// Packets of one peer that wait for the pacer, protected already, in the order they were put in: one ring of bytes. Bounded: beyond
/// <see cref="MaxBytes"/> or <see cref="MaxPackets"/> the newest is refused, and repaired or asked for like any loss. Allocated when first something waits.
/// </summary>
public sealed class PacedQueue
{
    /// <summary>A key frame of a large picture.</summary>
    public const int MaxBytes = 256 << 10;
    public const int MaxPackets = 512;

    const int FirstBytes = 32 << 10;

    readonly record struct Entry(int Offset, int Length, long Number);

    readonly Entry[] entries = new Entry[MaxPackets];
    byte[] bytes = new byte[FirstBytes];
    int head;
    int first;

    public int Count { get; private set; }

    /// <summary>False when it is full.</summary>
    /// <param name="number">Under which <see cref="SentPackets"/> knows it.</param>
    public bool TryAdd(ReadOnlySpan<byte> packet, long number)
    {
        if (Count == MaxPackets || !TryPlace(packet.Length, out var offset)) return false;
        packet.CopyTo(bytes.AsSpan(offset));
        entries[(first + Count++) % MaxPackets] = new Entry(offset, packet.Length, number);
        return true;
    }

    /// <summary>The oldest. False when there is none.</summary>
    public bool TryPeek(out ReadOnlySpan<byte> packet, out long number)
    {
        packet = default;
        number = 0;
        if (Count == 0) return false;
        var entry = entries[first];
        packet = bytes.AsSpan(entry.Offset, entry.Length);
        number = entry.Number;
        return true;
    }

    /// <summary>The oldest is done with.</summary>
    public void Remove()
    {
        first = (first + 1) % MaxPackets;
        if (--Count == 0) head = 0;
    }

    public void Clear() => head = first = Count = 0;

    /// <summary>A piece in one stretch: behind the newest, or at the start when the end is too short and the oldest have left.</summary>
    bool TryPlace(int length, out int offset)
    {
        while (!TryFit(length, out offset))
        {
            if (bytes.Length == MaxBytes) return false;
            Grow();
        }

        head = offset + length;
        return true;
    }

    bool TryFit(int length, out int offset)
    {
        offset = head;
        if (Count == 0) return length <= bytes.Length;
        var oldest = entries[first].Offset;
        if (head > oldest)
        {
            if (length <= bytes.Length - head) return true;
            offset = 0;
            return length < oldest;
        }

        return length < oldest - head;
    }

    void Grow()
    {
        var grown = new byte[bytes.Length * 2];
        var at = 0;
        for (var i = 0; i < Count; i++)
        {
            ref var entry = ref entries[(first + i) % MaxPackets];
            bytes.AsSpan(entry.Offset, entry.Length).CopyTo(grown.AsSpan(at));
            entry = entry with { Offset = at };
            at += entry.Length;
        }

        bytes = grown;
        head = at;
    }
}
