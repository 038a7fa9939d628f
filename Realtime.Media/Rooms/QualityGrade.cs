using Realtime.Contracts;

namespace Realtime.Media.Rooms;

/// <summary>What was measured of one way of a connection over the last seconds.</summary>
/// <param name="Loss">Of all packets, 0 to 1.</param>
/// <param name="Jitter">Of its audio.</param>
readonly record struct LinkSample(double Loss, TimeSpan Jitter);

/// <summary>
/// What a measurement means for people: the worst of its parts. The thresholds are where Opus with FEC and repaired video begin to be noticed, and where talking
/// gets hard (ITU-T G.114 for the round trip).
/// </summary>
readonly record struct QualityGrade(QualityLevel Level, string? Reason, string? Direction)
{
    const double FairLoss = 0.03;
    const double PoorLoss = 0.10;
    static readonly TimeSpan FairRoundTrip = TimeSpan.FromMilliseconds(300);
    static readonly TimeSpan PoorRoundTrip = TimeSpan.FromMilliseconds(600);
    static readonly TimeSpan FairJitter = TimeSpan.FromMilliseconds(40);
    static readonly TimeSpan PoorJitter = TimeSpan.FromMilliseconds(100);

    public ConnectionQuality Told => new(Level, Reason, Direction);

    public static QualityGrade Of(LinkSample up, LinkSample down, TimeSpan roundTrip, bool isBandwidthLimited)
    {
        var worst = default(QualityGrade);
        Consider(ref worst, LevelOf(down.Loss, FairLoss, PoorLoss), QualityReason.Loss, LinkDirection.Down);
        Consider(ref worst, LevelOf(up.Loss, FairLoss, PoorLoss), QualityReason.Loss, LinkDirection.Up);
        // Whoever is far away is so both ways.
        Consider(ref worst, LevelOf(roundTrip, FairRoundTrip, PoorRoundTrip), QualityReason.RoundTrip, LinkDirection.Down);
        Consider(ref worst, LevelOf(down.Jitter, FairJitter, PoorJitter), QualityReason.Jitter, LinkDirection.Down);
        Consider(ref worst, LevelOf(up.Jitter, FairJitter, PoorJitter), QualityReason.Jitter, LinkDirection.Up);
        Consider(ref worst, isBandwidthLimited ? QualityLevel.Fair : QualityLevel.Good, QualityReason.Bandwidth, LinkDirection.Down);
        return worst;
    }

    static void Consider(ref QualityGrade worst, QualityLevel level, string reason, string direction)
    {
        if (level > worst.Level) worst = new QualityGrade(level, reason, direction);
    }

    static QualityLevel LevelOf<T>(T value, T fair, T poor)
        where T : IComparable<T> => value.CompareTo(poor) >= 0 ? QualityLevel.Poor : value.CompareTo(fair) >= 0 ? QualityLevel.Fair : QualityLevel.Good;
}
