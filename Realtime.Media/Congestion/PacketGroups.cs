using Realtime.Media.Core;

namespace Realtime.Media.Congestion;

/// <summary>
/// Packets that left together, seen as one (draft-ietf-rmcat-gcc-02 §5.2): what matters is how much later one group arrived than the one before, compared with
/// how much later it was sent. A clump let go by the network at once counts as one group as well.
/// </summary>
public struct PacketGroups
{
    const long BurstNanoseconds = 5_000_000;
    const long MaxClumpNanoseconds = 100_000_000;

    /// <summary>A jump of the receiver's clock.</summary>
    const long MaxGapNanoseconds = 3_000_000_000;

    struct Group
    {
        public long FirstSent, LastSent, FirstArrived, LastArrived;
        public bool IsOpen;
    }

    Group current;
    Group before;

    /// <summary>True when this packet ended a group: its distance from the one before it, as sent and as arrived, in milliseconds.</summary>
    public bool TryAdd(Instant sentAt, Instant arrivedAt, out double sentDelta, out double arrivedDelta, out double at)
    {
        var (sent, arrived) = (sentAt.Nanoseconds, arrivedAt.Nanoseconds);
        (sentDelta, arrivedDelta, at) = (0, 0, 0);
        if (!current.IsOpen)
        {
            Open(sent, arrived);
            return false;
        }

        // It overtook, or waited: no measure of the queue.
        if (sent < current.FirstSent) return false;
        if (sent - current.FirstSent <= BurstNanoseconds || IsClump(sent, arrived))
        {
            current.LastSent = Math.Max(current.LastSent, sent);
            current.LastArrived = Math.Max(current.LastArrived, arrived);
            return false;
        }

        var isMeasured = before.IsOpen;
        if (isMeasured)
        {
            sentDelta = (current.LastSent - before.LastSent) / 1e6;
            arrivedDelta = (current.LastArrived - before.LastArrived) / 1e6;
            at = current.LastArrived / 1e6;
            if (current.LastArrived - before.LastArrived > MaxGapNanoseconds || arrivedDelta < 0) isMeasured = false;
        }

        before = current;
        Open(sent, arrived);
        return isMeasured;
    }

    readonly bool IsClump(long sent, long arrived)
    {
        var arrivedLater = arrived - current.LastArrived;
        return arrivedLater <= BurstNanoseconds && arrivedLater - (sent - current.LastSent) < 0 && arrived - current.FirstArrived < MaxClumpNanoseconds;
    }

    void Open(long sent, long arrived) => current = new Group { FirstSent = sent, LastSent = sent, FirstArrived = arrived, LastArrived = arrived, IsOpen = true };
}
