using Realtime.Media.Congestion;
using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;

namespace Realtime.Media.Peers;

/// <summary>
/// The way down to one peer: every packet's transport-wide number, what became of it, what the link is thought to carry, and what must wait for it. A peer that
/// negotiated no such numbers and reports no estimate of its own is sent everything at once.
/// </summary>
public sealed class PeerBandwidth
{
    /// <summary>Numbers that one datagram of feedback may tell of: two seconds of 20 Mbit/s; what goes beyond is passed over.</summary>
    const int MaxStatuses = 4096;

    /// <summary>How often what waits is looked at: the grain of a worker's timers.</summary>
    static readonly TimeSpan ReleaseInterval = TimeSpan.FromMilliseconds(10);

    static readonly TimeSpan NewsInterval = TimeSpan.FromMilliseconds(200);

    readonly PeerTransport transport;
    readonly ExtensionMap extensions;
    readonly SentPackets sent = new();
    readonly BandwidthEstimator estimator = new();
    PacedQueue? waiting;
    Pacer pacer;
    long sentBytes;
    bool hasNewDeadline;
    bool hasNews;
    Instant newsAt = Instant.Zero;
    long newsRate;

    internal PeerBandwidth(PeerTransport transport, ExtensionMap extensions)
    {
        this.transport = transport;
        this.extensions = extensions;
    }

    /// <summary>When something that waits may leave.</summary>
    public Instant NextDeadline { get; private set; } = Instant.Never;

    /// <summary>True once after <see cref="NextDeadline"/> came nearer while something was sent.</summary>
    public bool TakeNewDeadline()
    {
        var isNew = hasNewDeadline;
        hasNewDeadline = false;
        return isNew;
    }

    /// <summary>True once after something new is known of the link: five times a second, at once when it became worse.</summary>
    public bool TakeNews(Instant now)
    {
        if (!hasNews) return false;
        var rate = estimator.Estimate.BitsPerSecond;
        if (now - newsAt < NewsInterval && rate > newsRate * 0.9) return false;
        (hasNews, newsAt, newsRate) = (false, now, rate);
        return true;
    }

    /// <summary>Null: nothing is known of the link.</summary>
    public Bitrate? Estimate => estimator.IsKnown ? estimator.Estimate : null;

    /// <summary>What became of what was sent, for statistics.</summary>
    public BandwidthEstimator Estimator => estimator;

    /// <summary>Bytes of RTP sent to the peer, protection included.</summary>
    public long SentBytes => sentBytes;

    /// <summary>Of these, audio.</summary>
    public long AudioBytes { get; private set; }

    /// <summary>Of these, what was sent again because it was missed.</summary>
    public long RepairBytes { get; private set; }

    /// <summary>Packets that wait for the link.</summary>
    public int Waiting => waiting?.Count ?? 0;

    /// <summary>Packets that leave belong to this cluster; 0: none.</summary>
    internal byte Probe { get; set; }

    /// <summary>For the header of the packet that is sent next.</summary>
    internal SequenceNumber NextNumber => sent.Next;

    /// <summary>A repair may leave; otherwise it is asked for again.</summary>
    internal bool AllowsRepair => pacer.AllowsRepair;

    /// <summary>A protected packet at the start of the outbox's reserved buffer: it leaves, or waits for its turn.</summary>
    internal DropReason Send(Instant now, ReadOnlySpan<byte> packet, SentKind kind, Outbox outbox)
    {
        sentBytes += packet.Length;
        if (kind == SentKind.Audio) AudioBytes += packet.Length;
        else if (kind == SentKind.Repair && Probe == 0) RepairBytes += packet.Length;
        var number = extensions.Has(ExtensionKind.TransportCc) ? sent.Add(now, packet.Length, Probe) : 0;
        if (kind == SentKind.Video && (waiting is { Count: > 0 } || !pacer.Allows(now))) return Wait(now, packet, number);
        pacer.Charge(packet.Length);
        transport.Commit(packet.Length, outbox);
        return DropReason.None;
    }

    /// <summary>Takes in transport-wide feedback.</summary>
    internal void Receive(Instant now, in RtcpPacket packet, in TransportFeedback head, TimeSpan roundTrip, ref int budget)
    {
        if (!TransportFeedbackStatuses.TryRead(packet, head, out var statuses)) return;
        sent.Take(head, statuses, estimator, ref budget);
        estimator.EndFeedback(now, sentBytes, roundTrip);
        Follow();
    }

    internal static int StatusBudget => MaxStatuses;

    /// <summary>Takes in the peer's own estimate (REMB).</summary>
    internal void TakeLimit(Bitrate limit)
    {
        estimator.TakeLimit(limit);
        Follow();
    }

    internal void CheckSilence(Instant now)
    {
        estimator.CheckSilence(now, sentBytes);
        Follow();
    }

    /// <summary>Lets go what may leave by now.</summary>
    internal void Release(Instant now, Outbox outbox)
    {
        if (waiting is null || now < NextDeadline) return;
        while (waiting.TryPeek(out var packet, out var number) && pacer.Allows(now) && outbox.TryReserve(packet.Length, out var buffer))
        {
            packet.CopyTo(buffer);
            transport.Commit(packet.Length, outbox);
            sent.Departed(number, now);
            pacer.Charge(packet.Length);
            waiting.Remove();
        }

        NextDeadline = waiting.Count > 0 ? now + ReleaseInterval : Instant.Never;
    }

    void Follow()
    {
        pacer.Follow(Estimate);
        hasNews = true;
    }

    DropReason Wait(Instant now, ReadOnlySpan<byte> packet, long number)
    {
        waiting ??= new PacedQueue();
        if (!waiting.TryAdd(packet, number)) return DropReason.PacerFull;
        if (!NextDeadline.IsNever) return DropReason.None;
        NextDeadline = now + ReleaseInterval;
        hasNewDeadline = true;
        return DropReason.None;
    }
}
