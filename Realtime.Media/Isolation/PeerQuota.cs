using Realtime.Media.Core;

namespace Realtime.Media.Isolation;

/// <summary>
/// Two token buckets over what one peer sends, each holding one second's worth. With one empty a datagram is dropped unread; a peer that was over in
/// <see cref="PatienceSeconds"/> seconds running is hopeless. Only what proved to be the peer's own is charged: who forges its address or
/// names its ufrag must not be able to use up its quota.
/// </summary>
struct PeerQuota(MediaQuotas quotas, Instant now)
{
    /// <summary>A key frame burst or a bandwidth probe lasts less.</summary>
    const int PatienceSeconds = 5;

    readonly long packetsPerSecond = quotas.PeerPacketsPerSecond;
    readonly long bytesPerSecond = quotas.PeerBitrate.BitsPerSecond / 8;
    double packets = quotas.PeerPacketsPerSecond;
    double bytes = quotas.PeerBitrate.BitsPerSecond / 8.0;
    Instant filledAt = now;
    Instant secondEnds = now + TimeSpan.FromSeconds(1);
    bool overThisSecond;
    int secondsOver;

    public readonly bool IsHopeless => secondsOver >= PatienceSeconds;

    /// <summary>Whether another datagram may be looked at.</summary>
    public bool Allows(Instant now, int length)
    {
        if (now >= secondEnds) EndSecond(now);
        var elapsed = (now.Nanoseconds - filledAt.Nanoseconds) / 1e9;
        if (elapsed > 0)
        {
            packets = Math.Min(packetsPerSecond, packets + (elapsed * packetsPerSecond));
            bytes = Math.Min(bytesPerSecond, bytes + (elapsed * bytesPerSecond));
            filledAt = now;
        }

        if (packets < 1 || bytes < length)
        {
            overThisSecond = true;
            return false;
        }

        return true;
    }

    /// <summary>A datagram that was allowed is authentic.</summary>
    public void Charge(int length)
    {
        packets -= 1;
        bytes -= length;
    }

    void EndSecond(Instant now)
    {
        secondsOver = overThisSecond && now - secondEnds < TimeSpan.FromSeconds(1) ? secondsOver + 1 : 0;
        overThisSecond = false;
        secondEnds = now + TimeSpan.FromSeconds(1);
    }
}
