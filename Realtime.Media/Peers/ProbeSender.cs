using Realtime.Media.Congestion;
using Realtime.Media.Core;
using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

/// <summary>
/// Sends the bursts by which a link's rate is found out: what media leaves anyway, and packets of padding beside the repairs of a video. Who has no video section
/// with RTX is not probed.
/// </summary>
sealed class ProbeSender(PeerNegotiation negotiation, PacketSender sender, PeerBandwidth bandwidth)
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    /// <summary>Should the worker have been busy, no more than this is made up for at once.</summary>
    const int MaxPacketsPerStep = 128;

    ProbePlan plan;
    RtxSender? padding;
    Instant startedAt;
    long bytesBefore;
    int steps;

    public Instant NextDeadline { get; private set; } = Instant.Never;

    /// <summary>Begins a burst when the estimator wants one, and goes on with the one under way.</summary>
    public void Tick(Instant now, Outbox outbox)
    {
        if (padding is null)
        {
            if (FindPadding() is not { } found || !bandwidth.Estimator.TryPlanProbe(now, out plan)) return;
            (padding, startedAt, bytesBefore, steps) = (found, now, bandwidth.SentBytes, 0);
        }
        else if (now < NextDeadline)
        {
            return;
        }

        bandwidth.Probe = plan.Cluster;
        var due = plan.Rate / 8 * (now - startedAt + Step).TotalSeconds;
        for (var i = 0; i < MaxPacketsPerStep && bandwidth.SentBytes - bytesBefore < due; i++)
        {
            if (!sender.Pad(now, padding, outbox)) break;
        }

        NextDeadline = now + Step;
        var isThrough = ++steps >= ProbePlan.MinSteps && bandwidth.SentBytes - bytesBefore >= plan.Bytes;
        if (!isThrough && now - startedAt < ProbePlan.Duration * 5) return;

        bandwidth.Probe = 0;
        bandwidth.Estimator.ProbeSent(now, bandwidth.SentBytes - bytesBefore);
        (padding, NextDeadline) = (null, Instant.Never);
    }

    RtxSender? FindPadding()
    {
        var sections = negotiation.Sections;
        for (var i = 0; i < sections.Count; i++)
        {
            if (sections[i].Outgoing?.Rtx is { PayloadType: not null } found) return found;
        }

        return null;
    }
}
