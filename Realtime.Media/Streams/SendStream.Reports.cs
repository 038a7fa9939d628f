using Realtime.Media.Core;
using Realtime.Media.Rtcp;

namespace Realtime.Media.Streams;

/// <summary>What was sent, for sender reports and the round trip they measure.</summary>
public sealed partial class SendStream
{
    long packets;
    long octets;
    uint reportSent;
    Instant reportSentAt;

    /// <summary>Nothing was ever sent in it.</summary>
    public bool IsUnused => packets == 0;

    /// <summary>False when the number repeats: the same command once more (RFC 5104 §4.3.1.2).</summary>
    public bool TakeFir(byte number)
    {
        if (lastFir == number) return false;
        lastFir = number;
        return true;
    }

    public void Sent(int payloadBytes)
    {
        packets++;
        octets += payloadBytes;
        Rtx?.Earn(payloadBytes);
    }

    /// <summary>What the next sender report says. False while there is nothing true to say: nothing sent, or the publisher has not reported.</summary>
    public bool TryReport(Instant now, out SenderInfo info)
    {
        info = default;
        if (packets == 0 || Source is null || !timestamps.IsRunning || !Source.TryProject(now, out var ntp, out var timestamp)) return false;
        info = new SenderInfo(ntp, timestamps.Project(timestamp), (uint)packets, (uint)octets);
        (reportSent, reportSentAt) = (ntp.Middle, now);
        return true;
    }

    /// <summary>The round trip by a block that answers the last report: its time stamp is the publisher's, so it is only a name for ours.</summary>
    public bool TryRoundTrip(Instant now, in ReportBlock block, out TimeSpan roundTrip)
    {
        roundTrip = now - reportSentAt - NtpTime.FromMiddle(block.DelaySinceLastSenderReport);
        return block.LastSenderReport != 0 && block.LastSenderReport == reportSent && roundTrip >= TimeSpan.Zero;
    }
}
