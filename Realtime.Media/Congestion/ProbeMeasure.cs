using Realtime.Media.Core;

namespace Realtime.Media.Congestion;

/// <summary>
/// What one cluster of packets, sent at a chosen rate, tells of the link: the rate at which they arrived. Of what was sent the last burst does not count, of what
/// arrived the first packet: an interval has one end more than it has steps.
/// </summary>
public struct ProbeMeasure
{
    const int MinPackets = 4;

    /// <summary>Arrived much faster than sent: a clump that somebody held back.</summary>
    const double MaxRatio = 2.0;

    /// <summary>Slower than this part of the sending rate: the link is full, and a little less is what it carries well.</summary>
    const double Full = 0.9, Use = 0.95;

    int packets;
    long bytes;
    long lastBurstBytes;
    long firstArrivedBytes;
    Instant firstSent, lastSent, firstArrived, lastArrived;

    /// <summary>Of the cluster under way; 0: none.</summary>
    public byte Cluster { get; private set; }

    public readonly long Bytes => bytes;

    public void Begin(byte cluster) => this = new ProbeMeasure { Cluster = cluster };

    public void Arrived(Instant sentAt, Instant arrivedAt, int length)
    {
        if (packets == 0)
        {
            (firstSent, lastSent, firstArrived, lastArrived) = (sentAt, sentAt, arrivedAt, arrivedAt);
            firstArrivedBytes = length;
        }

        packets++;
        bytes += length;
        if (sentAt > lastSent) (lastSent, lastBurstBytes) = (sentAt, 0);
        if (sentAt == lastSent) lastBurstBytes += length;
        if (sentAt < firstSent) firstSent = sentAt;
        if (arrivedAt < firstArrived) (firstArrived, firstArrivedBytes) = (arrivedAt, length);
        if (arrivedAt > lastArrived) lastArrived = arrivedAt;
    }

    /// <summary>In bit/s. False when too little of it arrived, or in a way that says nothing.</summary>
    public readonly bool TryMeasure(out double rate, out bool isLimit)
    {
        (rate, isLimit) = (0, false);
        var sending = (lastSent - firstSent).TotalSeconds;
        var arriving = (lastArrived - firstArrived).TotalSeconds;
        if (packets < MinPackets || sending <= 0.002 || arriving <= 0 || sending > 1 || arriving > 1) return false;
        var sent = (bytes - lastBurstBytes) * 8 / sending;
        var arrived = (bytes - firstArrivedBytes) * 8 / arriving;
        if (arrived > sent * MaxRatio) return false;
        isLimit = arrived < sent * Full;
        rate = isLimit ? arrived * Use : Math.Min(sent, arrived);
        return true;
    }
}
