using System.Runtime.CompilerServices;

namespace Realtime.Media.Srtp;

/// <summary>
/// State per SSRC: open addressing with linear probing, grown by doubling up to a bound. Callers add only after a packet proved
/// authentic, so a stranger fills nothing.
/// </summary>
sealed class SsrcTable<T>
    where T : struct
{
    /// <summary>Far above the tracks of any peer; an authenticated peer that rotates through more is refused further ones.</summary>
    public const int MaxStreams = 1024;

    struct Slot
    {
        public uint Ssrc;
        public bool Used;
        public T Value;
    }

    Slot[] slots = new Slot[8];

    public int Count { get; private set; }

    /// <summary>Null reference when absent: test with <see cref="Unsafe.IsNullRef{T}"/>.</summary>
    public ref T Find(uint ssrc)
    {
        ref var slot = ref Probe(ssrc);
        if (!slot.Used) return ref Unsafe.NullRef<T>();
        return ref slot.Value;
    }

    /// <summary>Adds an absent SSRC. False when full. Invalidates references handed out before.</summary>
    public bool TryAdd(uint ssrc, T value)
    {
        if (Count == MaxStreams) return false;
        if ((Count + 1) * 2 > slots.Length) Grow();
        ref var slot = ref Probe(ssrc);
        slot.Ssrc = ssrc;
        slot.Used = true;
        slot.Value = value;
        Count++;
        return true;
    }

    ref Slot Probe(uint ssrc)
    {
        var mask = slots.Length - 1;
        // SSRCs are random, but the other side picks them: Fibonacci hashing spreads runs.
        var at = (int)((ssrc * 2654435769u) >> 7) & mask;
        while (slots[at].Used && slots[at].Ssrc != ssrc) at = (at + 1) & mask;
        return ref slots[at];
    }

    void Grow()
    {
        var old = slots;
        slots = new Slot[old.Length * 2];
        foreach (ref var slot in old.AsSpan())
            if (slot.Used)
                Probe(slot.Ssrc) = slot;
    }
}
