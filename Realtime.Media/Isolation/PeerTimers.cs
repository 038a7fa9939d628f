using Realtime.Media.Core;

namespace Realtime.Media.Isolation;

/// <summary>
/// A worker's peers, and when each is due next, in one flat array: asking the peers themselves would fetch all that is known of them into the processor's
/// cache, a hundred times a second. Whoever does something to a peer says so (<see cref="Touch"/>).
/// </summary>
sealed class PeerTimers
{
    /// <summary>Deadlines are kept to this grain: one pass over all peers serves every timer that fell due in it.</summary>
    static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(10);

    /// <summary>All peers are asked this often, so that a deadline nobody told of is late but not lost.</summary>
    static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    const int FirstCapacity = 64;

    readonly List<PeerSlot> slots = [];
    Instant[] deadlines = new Instant[FirstCapacity];
    Instant earliestPass = Instant.Zero;
    Instant nextRefresh = Instant.Zero;

    public int Count => slots.Count;

    public Instant NextDeadline { get; private set; } = Instant.Never;

    public PeerSlot this[int index] => slots[index];

    public bool IsDue(int index, Instant now) => deadlines[index] <= now;

    public void Add(PeerSlot slot)
    {
        if (slots.Count == deadlines.Length) Array.Resize(ref deadlines, deadlines.Length * 2);
        slot.Index = slots.Count;
        slots.Add(slot);
        Touch(slot);
        // Whatever its deadline will be once it has been answered: passes have begun by then.
        NextDeadline = Instant.Min(NextDeadline, earliestPass);
    }

    /// <summary>The last one takes its place.</summary>
    public void Remove(PeerSlot slot)
    {
        if (slot.Index == PeerSlot.NotListed) return;
        var last = slots[^1];
        slots[slot.Index] = last;
        deadlines[slot.Index] = deadlines[last.Index];
        last.Index = slot.Index;
        slots.RemoveAt(slots.Count - 1);
        slot.Index = PeerSlot.NotListed;
    }

    /// <summary>Something happened to the peer: its deadline may be another one.</summary>
    public void Touch(PeerSlot slot)
    {
        if (slot.Index == PeerSlot.NotListed) return;
        var deadline = slot.Participant.Peer.NextDeadline;
        deadlines[slot.Index] = deadline;
        NextDeadline = Instant.Min(NextDeadline, deadline < earliestPass ? earliestPass : deadline);
    }

    /// <summary>All that were due have been served.</summary>
    public void EndPass(Instant now)
    {
        earliestPass = now + Grain;
        var refresh = now >= nextRefresh;
        if (refresh) nextRefresh = now + RefreshInterval;
        var next = Instant.Never;
        for (var i = 0; i < slots.Count; i++)
        {
            if (refresh) deadlines[i] = slots[i].Participant.Peer.NextDeadline;
            next = Instant.Min(next, deadlines[i]);
        }

        // Whoever has peers passes at least as often as it asks them all.
        if (slots.Count > 0) next = Instant.Min(next, nextRefresh);
        NextDeadline = next < earliestPass ? earliestPass : next;
    }

    public void Clear()
    {
        foreach (var slot in slots) slot.Index = PeerSlot.NotListed;
        slots.Clear();
        NextDeadline = Instant.Never;
    }
}
