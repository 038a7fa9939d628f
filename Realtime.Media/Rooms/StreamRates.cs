using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>What one section's stream did between two looks at its counters.</summary>
public sealed class StreamRates
{
    /// <summary>Packets of a source in one interval that make it worth calling their absence a freeze.</summary>
    const int Flows = 10;

    object? stream;
    long packets;
    long bytes;
    long expected;
    long sourcePackets;

    /// <summary>Payload.</summary>
    public Bitrate Bitrate { get; private set; }

    public long Packets { get; private set; }

    /// <summary>In all, as far as known.</summary>
    public long Lost { get; private set; }

    /// <summary>Of the last packets, 0 to 1.</summary>
    public double Loss { get; private set; }

    public TimeSpan Jitter { get; private set; }

    /// <summary>Between the last two looks.</summary>
    public long RecentPackets { get; private set; }

    /// <summary>Intervals in which pictures came from the publisher and none went out.</summary>
    public long Freezes { get; private set; }

    /// <summary>What the participant sends.</summary>
    public void Look(ReceiveTrack? incoming, TimeSpan elapsed)
    {
        if (incoming is null)
        {
            Forget(null);
            return;
        }

        if (stream != incoming) Forget(incoming);
        var (received, octets, due, lost, jitter) = (0L, 0L, 0L, 0L, 0u);
        foreach (var encoding in incoming.Encodings)
        {
            if (encoding.Reception is not { } reception) continue;
            received += reception.Received;
            octets += encoding.BytesReceived;
            due += reception.Expected;
            lost += reception.Lost;
            jitter = Math.Max(jitter, reception.Jitter);
        }

        // An encoding whose SSRC is another one counts anew: for one interval there is nothing to compare.
        var fresh = due < expected ? 0 : due - expected;
        Count(received, octets, elapsed);
        Loss = fresh > 0 ? Math.Clamp((fresh - RecentPackets) / (double)fresh, 0, 1) : 0;
        Lost = Math.Max(0, lost);
        expected = due;
        Jitter = ToTime(jitter, incoming.Codec.ClockRate);
    }

    /// <summary>What the participant is sent: losses and jitter are what it reports.</summary>
    public void Look(Instant now, SendStream? outgoing, TimeSpan elapsed, TimeSpan oldReport)
    {
        if (outgoing is null)
        {
            Forget(null);
            return;
        }

        if (stream != outgoing) Forget(outgoing);
        Count(outgoing.PacketsSent, outgoing.OctetsSent, elapsed);
        var came = (outgoing.Source?.PacketsReceived ?? 0) - sourcePackets;
        sourcePackets = outgoing.Source?.PacketsReceived ?? 0;
        // What is paused, by wish or for want of bandwidth, is no freeze.
        if (outgoing is { Kind: SectionKind.Video, Source: not null, Selected.IsPaused: false } && RecentPackets == 0 && came >= Flows && packets > 0) Freezes++;
        if (outgoing.LastReport is not { } report || now - outgoing.ReportedAt > oldReport)
        {
            (Loss, Jitter) = (0, TimeSpan.Zero);
            return;
        }

        Loss = report.FractionLost / 256.0;
        Lost = Math.Max(0, report.CumulativeLost);
        Jitter = ToTime(report.Jitter, outgoing.ClockRate);
    }

    void Count(long packetsNow, long bytesNow, TimeSpan elapsed)
    {
        RecentPackets = Math.Max(0, packetsNow - packets);
        Bitrate = new Bitrate((long)(Math.Max(0, bytesNow - bytes) * 8 / elapsed.TotalSeconds));
        (packets, bytes, Packets) = (packetsNow, bytesNow, packetsNow);
    }

    void Forget(object? next)
    {
        stream = next;
        packets = bytes = expected = sourcePackets = 0;
        (Bitrate, Packets, Lost, Loss, Jitter, RecentPackets) = (default, 0, 0, 0, TimeSpan.Zero, 0);
    }

    static TimeSpan ToTime(uint units, int clockRate) => TimeSpan.FromSeconds(units / (double)clockRate);
}
