namespace Realtime.Contracts;

/// <summary>One stream between a participant and its node, over the last seconds.</summary>
/// <param name="Track">Empty: a receive section in which nothing plays.</param>
/// <param name="Direction">One of <see cref="LinkDirection"/>, as the participant sees it.</param>
/// <param name="Bitrate">Payload, in bit/s.</param>
/// <param name="Packets">In all.</param>
/// <param name="Lost">Packets that never came, in all; of what it is sent, as it reports.</param>
/// <param name="LossPercent">Of the last seconds.</param>
/// <param name="KeyFrameRequests">In all.</param>
/// <param name="Freezes">Known ones: seconds in which its publisher sent pictures and it got none.</param>
/// <param name="Layer">Which of several encodings is forwarded, if there are several.</param>
public sealed record TrackStatistics(
    string Mid,
    string Track,
    string Direction,
    MediaKind Kind,
    string Codec,
    long Bitrate,
    long Packets,
    long Lost,
    double LossPercent,
    double JitterMs,
    long KeyFrameRequests = 0,
    long Freezes = 0,
    string? Layer = null);

/// <summary>One participant's connection, over the last seconds.</summary>
/// <param name="RoundTripMs">Absent before its first report.</param>
/// <param name="Available">What its link bears towards it by the server's estimate, in bit/s; absent without one.</param>
public sealed record ParticipantStatistics(
    ConnectionQuality Quality, double? RoundTripMs, long BitrateIn, long BitrateOut, IReadOnlyList<TrackStatistics> Tracks, long? Available = null);
