using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>
/// The latest packets of one publication in the clear, to be sent again to whoever missed one: one flat ring of bytes, and slots found by sequence
/// number. The oldest are overwritten. It doubles while what it overwrites is younger than <see cref="Kept"/>, up to <see cref="MaxBytes"/>;
/// after that nothing is allocated.
/// </summary>
public sealed class PacketCache
{
    /// <summary>0.8 s at the bitrate one peer may send.</summary>
    public const int MaxBytes = 2 << 20;

    /// <summary>Enough up to 7 Mbit/s: few streams ever grow.</summary>
    const int FirstBytes = 512 << 10;

    /// <summary>Slots are the bytes over this: packets of video are larger on average, small ones meet their slot taken sooner.</summary>
    const int BytesPerSlot = 512;

    /// <summary>Long enough for a second request over a slow path; one that comes later comes for a picture long shown.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMilliseconds(600);

    struct Slot
    {
        /// <summary>Where it begins, counted in all bytes ever written; 0 length: empty.</summary>
        public long Position;
        public Instant ArrivedAt;
        public int Length;
        public ushort Sequence;
        public bool IsRepaired;
    }

    byte[] bytes = new byte[FirstBytes];
    Slot[] slots = new Slot[FirstBytes / BytesPerSlot];
    long head;
    Instant turnedAt;

    public int Capacity => bytes.Length;

    /// <summary>Remembers a packet. Longer ones than a quarter of the ring are not kept.</summary>
    /// <param name="packet">Header and payload, without padding.</param>
    public void Add(SequenceNumber sequence, Instant arrivedAt, ReadOnlySpan<byte> packet, bool isRepaired = false)
    {
        if (packet.Length > bytes.Length / 4 || packet.Length < RtpHeader.MinLength) return;
        if (head == 0) turnedAt = arrivedAt;
        if (bytes.Length < MaxBytes && IsTooSmall(sequence, arrivedAt, packet.Length)) Grow();
        Put(sequence, arrivedAt, packet, isRepaired);
    }

    /// <summary>The packet, until the next <see cref="Add"/>. False when it never came or was overwritten.</summary>
    public bool TryGet(SequenceNumber sequence, out ReadOnlySpan<byte> packet, out Instant arrivedAt, out bool isRepaired)
    {
        ref var slot = ref slots[sequence.Value & (slots.Length - 1)];
        packet = default;
        arrivedAt = slot.ArrivedAt;
        isRepaired = slot.IsRepaired;
        if (slot.Sequence != sequence.Value || !IsWhole(slot)) return false;
        packet = Bytes(slot);
        return true;
    }

    /// <summary>Another SSRC took over: its numbers have nothing to do with these.</summary>
    public void Clear() => Array.Clear(slots);

    /// <summary>What is about to be overwritten is too young for that.</summary>
    bool IsTooSmall(SequenceNumber sequence, Instant now, int length)
    {
        ref var slot = ref slots[sequence.Value & (slots.Length - 1)];
        if (IsWhole(slot) && slot.Sequence != sequence.Value && now - slot.ArrivedAt < Kept) return true;
        if ((head & (bytes.Length - 1)) + length <= bytes.Length) return false;
        // Around once more.
        var took = now - turnedAt;
        turnedAt = now;
        return took < Kept;
    }

    void Put(SequenceNumber sequence, Instant arrivedAt, ReadOnlySpan<byte> packet, bool isRepaired)
    {
        var offset = (int)(head & (bytes.Length - 1));
        if (offset + packet.Length > bytes.Length)
        {
            // A packet lies in one piece: the rest of the ring is left.
            head += bytes.Length - offset;
            offset = 0;
        }

        var copy = bytes.AsSpan(offset, packet.Length);
        packet.CopyTo(copy);
        RtpFields.SetPadding(copy, false);
        slots[sequence.Value & (slots.Length - 1)] = new Slot
        {
            Position = head,
            ArrivedAt = arrivedAt,
            Length = packet.Length,
            Sequence = sequence.Value,
            IsRepaired = isRepaired,
        };
        head += packet.Length;
    }

    /// <summary>Not overwritten: what was written since it began fits into the ring.</summary>
    bool IsWhole(in Slot slot) => slot.Length > 0 && head - slot.Position <= bytes.Length;

    ReadOnlySpan<byte> Bytes(in Slot slot) => bytes.AsSpan((int)(slot.Position & (bytes.Length - 1)), slot.Length);

    void Grow()
    {
        var size = bytes.Length * 2;
        var old = (Slots: slots, Bytes: bytes, Head: head);
        bytes = new byte[size];
        slots = new Slot[size / BytesPerSlot];
        head = 0;
        turnedAt = Instant.Never;
        foreach (ref readonly var slot in old.Slots.AsSpan())
        {
            if (slot.Length == 0 || old.Head - slot.Position > old.Bytes.Length) continue;
            turnedAt = Instant.Min(turnedAt, slot.ArrivedAt);
            Put(new SequenceNumber(slot.Sequence), slot.ArrivedAt, old.Bytes.AsSpan((int)(slot.Position & (old.Bytes.Length - 1)), slot.Length), slot.IsRepaired);
        }
    }
}
