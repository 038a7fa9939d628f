using Realtime.Contracts;
using Realtime.Media.Core;
using Realtime.Media.Peers;
using Realtime.Media.Sdp;

namespace Realtime.Media.Rooms;

/// <summary>
/// Looks at one participant's streams every two seconds: their rates and losses, and what they mean. Told is a change that lasts: two looks for worse, three for
/// better. Bounded by the peer's sections; allocates nothing while they stay.
/// </summary>
public sealed class QualityWatch
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    const int LooksToWorsen = 2;
    const int LooksToImprove = 3;

    /// <summary>A report of the subscriber's that is older says nothing of now (audio alone reports every five seconds or so).</summary>
    static readonly TimeSpan ReportIsOld = TimeSpan.FromSeconds(6);

    readonly List<StreamRates> up = [];
    readonly List<StreamRates> down = [];
    Instant lookedAt = Instant.Zero;
    QualityLevel seen;
    int looks;

    /// <summary>As told last.</summary>
    public ConnectionQuality Current { get; private set; } = new(QualityLevel.Good);

    /// <summary>What came from it and went to it, by section.</summary>
    public IReadOnlyList<StreamRates> Up => up;

    public IReadOnlyList<StreamRates> Down => down;

    public bool IsDue(Instant now) => now - lookedAt >= Interval;

    /// <summary>True: the quality became another, for good.</summary>
    public bool Look(Instant now, Peer peer, bool isBandwidthLimited)
    {
        var elapsed = lookedAt == Instant.Zero ? Interval : now - lookedAt;
        lookedAt = now;
        if (peer.State != PeerState.Connected) return false;
        var (sent, received) = (default(LinkTotals), default(LinkTotals));
        var sections = peer.Negotiation.Sections;
        for (var i = 0; i < sections.Count; i++)
        {
            if (i == up.Count)
            {
                up.Add(new StreamRates());
                down.Add(new StreamRates());
            }

            up[i].Look(sections[i].Incoming, elapsed);
            down[i].Look(now, sections[i].Outgoing, elapsed, ReportIsOld);
            sent.Add(up[i], sections[i].Kind);
            received.Add(down[i], sections[i].Kind);
        }

        return Settle(QualityGrade.Of(sent.Sample, received.Sample, peer.RoundTrip ?? TimeSpan.Zero, isBandwidthLimited));
    }

    bool Settle(QualityGrade now)
    {
        if (now.Level == Current.Quality)
        {
            (seen, looks) = (now.Level, 0);
            return false;
        }

        looks = now.Level == seen ? looks + 1 : 1;
        seen = now.Level;
        if (looks < (now.Level > Current.Quality ? LooksToWorsen : LooksToImprove)) return false;
        looks = 0;
        Current = now.Told;
        return true;
    }

    struct LinkTotals
    {
        double packets;
        double lost;
        TimeSpan jitter;

        public readonly LinkSample Sample => new(packets > 0 ? lost / packets : 0, jitter);

        public void Add(StreamRates rates, SectionKind kind)
        {
            packets += rates.RecentPackets;
            lost += rates.RecentPackets * rates.Loss;
            // A frame's packets are paced, so the jitter of video is the sender's as well.
            if (kind == SectionKind.Audio && rates.RecentPackets > 0 && rates.Jitter > jitter) jitter = rates.Jitter;
        }
    }
}
