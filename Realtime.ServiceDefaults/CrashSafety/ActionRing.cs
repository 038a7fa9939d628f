using System.Diagnostics;
using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// A fixed ring of actions. Writers claim a ticket, then the slot's sequence (odd while being written); readers copy a slot and
/// keep the copy only when the sequence did not move. Neither waits for the other and neither allocates in <see cref="Write"/>.
/// Full: the oldest entry is overwritten. A writer that finds its slot still being written, one whole lap later, drops its entry and counts it.
/// </summary>
sealed class ActionRing
{
    struct Slot
    {
        /// <summary>0 never written; 2·ticket+1 while ticket is being written; 2·ticket+2 when it stands.</summary>
        public long Sequence;
        public long Timestamp;
        public long Number;
        public string Component;
        public string Action;
        public string? User;
        public string? Room;
        public string? Detail;
        public string? TraceId;
        public int Thread;
        public bool HasNumber;
    }

    readonly Slot[] _slots;
    readonly int _mask;
    volatile Clock _clock;
    long _next;
    long _dropped;

    /// <param name="capacity">A power of two.</param>
    public ActionRing(int capacity, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(int.IsPow2(capacity), true);
        _slots = new Slot[capacity];
        _mask = capacity - 1;
        _clock = new Clock(time);
    }

    public long Written => Volatile.Read(ref _next);
    public long Dropped => Volatile.Read(ref _dropped);

    public void UseTime(TimeProvider time) => _clock = new Clock(time);

    public void Write(string component, string action, string? user, string? room, string? detail, long number, bool hasNumber)
    {
        var ticket = Interlocked.Increment(ref _next) - 1;
        ref var slot = ref _slots[(int)ticket & _mask];
        var before = Volatile.Read(ref slot.Sequence);
        var writing = (2 * ticket) + 1;
        if ((before & 1) != 0 || before > writing || Interlocked.CompareExchange(ref slot.Sequence, writing, before) != before)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }
        slot.Timestamp = _clock.Time.GetTimestamp();
        slot.Component = component;
        slot.Action = action;
        slot.User = user;
        slot.Room = room;
        slot.Detail = detail;
        slot.Number = number;
        slot.HasNumber = hasNumber;
        slot.TraceId = Activity.Current?.TraceId.ToHexString();
        slot.Thread = Environment.CurrentManagedThreadId;
        Volatile.Write(ref slot.Sequence, writing + 1);
    }

    /// <summary>The last <paramref name="count"/> entries, oldest first. Entries being overwritten meanwhile are left out.</summary>
    public List<ActionEntry> Snapshot(int count)
    {
        var clock = _clock;
        var end = Volatile.Read(ref _next);
        var start = Math.Max(0, end - Math.Clamp(count, 0, _slots.Length));
        var entries = new List<ActionEntry>((int)(end - start));
        for (var ticket = start; ticket < end; ticket++)
        {
            ref var slot = ref _slots[(int)ticket & _mask];
            var expected = (2 * ticket) + 2;
            if (Volatile.Read(ref slot.Sequence) != expected)
                continue;
            var copy = slot;
            Volatile.ReadBarrier();
            if (slot.Sequence != expected)
                continue;
            entries.Add(new ActionEntry(clock.At(copy.Timestamp), copy.Component, copy.Action, copy.User, copy.Room,
                copy.HasNumber ? copy.Number.ToString() : copy.Detail, copy.TraceId, copy.Thread));
        }
        return entries;
    }

    /// <summary>Timestamps are cheaper to take than the time of day; the anchor turns one into the other when read.</summary>
    sealed class Clock(TimeProvider time)
    {
        readonly DateTimeOffset _anchor = time.GetUtcNow();
        readonly long _anchorTimestamp = time.GetTimestamp();

        public TimeProvider Time { get; } = time;

        public DateTimeOffset At(long timestamp) => _anchor + (timestamp >= _anchorTimestamp
            ? Time.GetElapsedTime(_anchorTimestamp, timestamp)
            : -Time.GetElapsedTime(timestamp, _anchorTimestamp));
    }
}
