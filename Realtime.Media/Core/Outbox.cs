namespace Realtime.Media.Core;

/// <summary>
/// Datagrams on their way out: one slab that machines write straight into (encrypting in place), and a list of who gets what.
/// The edge sends and clears it. Bounded: when the slab or the list is full, <see cref="TryReserve"/> says no and the caller
/// counts <see cref="DropReason.OutboxFull"/>; the edge flushes between datagrams, so only one datagram's fan-out must fit.
/// </summary>
public sealed class Outbox
{
    /// <summary>Half a megabyte of video: the second-level cache of a core.</summary>
    const int GoodBatch = 384;

    /// <summary>A packet of the usual path MTU, and what is added to it.</summary>
    const int TypicalLength = 1600;

    readonly byte[] slab;
    readonly Entry[] entries;
    int used;
    int count;

    public Outbox(int slabBytes = 4 << 20, int maxDatagrams = 4096)
    {
        slab = GC.AllocateUninitializedArray<byte>(slabBytes, pinned: true);
        entries = new Entry[maxDatagrams];
    }

    /// <summary>One datagram: where its bytes lie in the slab and where it goes.</summary>
    public readonly record struct Entry(NetAddress To, int Offset, int Length);

    public int Count => count;

    public int UsedBytes => used;

    public int FreeBytes => slab.Length - used;

    public ReadOnlySpan<Entry> Entries => entries.AsSpan(0, count);

    /// <summary>The pinned slab, for the edge's scatter lists.</summary>
    public byte[] Slab => slab;

    public ReadOnlySpan<byte> Payload(in Entry entry) => slab.AsSpan(entry.Offset, entry.Length);

    /// <summary>Room for one datagram of at most <paramref name="maxLength"/> bytes; nothing is queued until <see cref="Commit"/>.</summary>
    public bool TryReserve(int maxLength, out Span<byte> buffer)
    {
        if (count == entries.Length || maxLength > slab.Length - used)
        {
            buffer = default;
            return false;
        }

        buffer = slab.AsSpan(used, maxLength);
        return true;
    }

    /// <summary>Queues the first <paramref name="length"/> bytes of the last reservation.</summary>
    public void Commit(in NetAddress to, int length)
    {
        entries[count++] = new Entry(to, used, length);
        used += length;
    }

    /// <summary>Copies a datagram in. False when full.</summary>
    public bool TrySend(in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (!TryReserve(datagram.Length, out var buffer)) return false;
        datagram.CopyTo(buffer);
        Commit(to, datagram.Length);
        return true;
    }

    /// <summary>
    /// Whether so many datagrams more are better added before it is sent: what was encrypted should still be in the processor's cache when the kernel copies it, and
    /// the first subscribers of many should not wait for the last. An empty outbox says yes to anything.
    /// </summary>
    public bool HasRoomFor(int datagrams) => count == 0 || (count + datagrams <= GoodBatch && FreeBytes >= datagrams * TypicalLength);

    public void Clear() => used = count = 0;
}
