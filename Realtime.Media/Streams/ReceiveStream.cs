using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Media.Streams;

/// <summary>
/// One RTP stream of a publisher, an encoding of a track: statistics for its receiver reports, its clock, what is missing of it, the latest packets for those who
/// missed one, its layers, and the key frames asked of it.
/// </summary>
/// <param name="rtx">What repairs it; null when the publisher has none.</param>
/// <param name="extensions">What the publisher's extension ids mean.</param>
public sealed class ReceiveStream(ReceiveTrack track, Codec? rtx, ExtensionMap extensions, SenderClock clock)
{
    public const int NotRouted = -1;

    readonly NackList? missing = track.Kind == SectionKind.Video && track.Codec.HasFeedback("nack") ? new NackList() : null;
    PayloadReader reader = new(track.Codec);
    LayerReader layers = new(extensions);
    PacketCache? cache;
    ReceptionStatistics? statistics;
    int restarts;
    NtpTime reportedNtp;
    RtpTimestamp reportedTimestamp;
    Instant reportedAt;
    bool hasReport;

    /// <summary>Merged wishes of its subscribers.</summary>
    public KeyframeRequests Keyframes = new();

    public ReceiveTrack Track => track;

    public SectionKind Kind => track.Kind;

    public Codec Codec => track.Codec;

    /// <summary>Its name in a simulcast; empty otherwise.</summary>
    public string Rid { get; init; } = "";

    /// <summary>Its place in the offer.</summary>
    public int Index { get; init; }

    /// <summary>Its place among the encodings by size; 0 for the only stream, whose packets have spatial layers of their own.</summary>
    public int Spatial { get; set; }

    /// <summary>0 until a key frame, or the publisher, has told.</summary>
    public int Width { get; set; }

    public int Height { get; set; }

    /// <summary>Of the packets that repair this stream.</summary>
    public PayloadType? RtxPayloadType { get; } = rtx?.PayloadType;

    /// <summary>Media of this stream comes under this number: plain, or with what came before it.</summary>
    public bool Takes(PayloadType type) => type == Codec.PayloadType || type == Track.RedPayloadType;

    public ExtensionMap Extensions { get; } = extensions;

    /// <summary>What is to be asked for again; null when the publisher does not send again.</summary>
    public NackList? Missing => missing;

    /// <summary>Null before the first packet.</summary>
    public Ssrc? Ssrc => statistics?.Ssrc;

    /// <summary>Rises when another SSRC takes over: sequence and timestamps have nothing to do with those before.</summary>
    public int Generation { get; private set; }

    /// <summary>Picture numbers of a subscriber's copy leave no gaps where pictures were left out.</summary>
    public bool ClosesPictureGaps => reader.ClosesPictureGaps;

    /// <summary>The owner's row for this stream, or <see cref="NotRouted"/>.</summary>
    public int Route { get; set; } = NotRouted;

    public long PacketsReceived => statistics?.Received ?? 0;

    /// <summary>Of payload.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>What is known of its packets; null before the first one, another instance for another SSRC.</summary>
    public ReceptionStatistics? Reception => statistics;

    /// <summary>From now on this SSRC is the stream.</summary>
    public void Latch(Ssrc ssrc)
    {
        if (statistics?.Ssrc == ssrc) return;
        statistics = new ReceptionStatistics(ssrc, Codec.ClockRate);
        restarts = 0;
        BytesReceived = 0;
        hasReport = false;
        missing?.Restart();
        cache?.Clear();
        Generation++;
    }

    /// <summary>From now on the latest packets are kept: a subscriber may ask for them.</summary>
    public void KeepForRepair() => cache ??= new PacketCache();

    /// <summary>
    /// Counts one packet, looks where a decoder could start, keeps it for repair. Refused: a sequence jump that no second packet confirmed, and a copy
    /// of what came before.
    /// </summary>
    /// <param name="isRepaired">It came as a retransmission: no report counts it (RFC 4588 §6), and it is taken only when it was missing.</param>
    public DropReason Accept(Instant now, scoped in RtpHeader header, ReadOnlySpan<byte> packet, bool isRepaired, out MediaPacket media)
    {
        media = default;
        if (TakePlace(now, header, ref isRepaired) is not DropReason.None and var drop) return drop;
        media = Describe(now, header, packet, isRepaired, isNew: true);
        BytesReceived += header.PayloadLength;
        if (Kind == SectionKind.Video)
        {
            Keyframes.PacketArrived(now, media.StartsDecoding);
            layers.Tell(track, media);
            track.Arrived(now, this, media.Layer, header.PayloadLength, header.Marker);
        }

        cache?.Add(header.Sequence, now, packet[..(header.HeaderLength + header.PayloadLength)], isRepaired);
        return DropReason.None;
    }

    /// <summary>A packet as it came, once more.</summary>
    public bool TryRecall(SequenceNumber sequence, out MediaPacket media)
    {
        media = default;
        if (cache is null || !cache.TryGet(sequence, out var packet, out var arrivedAt, out var isRepaired) || !RtpHeader.TryRead(packet, out var header)) return false;
        media = Describe(arrivedAt, header, packet, isRepaired, isNew: false);
        return true;
    }

    public void SenderReportArrived(Instant now, in SenderInfo info)
    {
        statistics?.SenderReportArrived(info.Ntp, now);
        reportedNtp = clock.ToOurs(info.Ntp, now);
        reportedTimestamp = info.Timestamp;
        reportedAt = now;
        hasReport = true;
    }

    /// <summary>The source's time line now, by its last report. False before the first one.</summary>
    public bool TryProject(Instant now, out NtpTime ntp, out RtpTimestamp timestamp)
    {
        var elapsed = now - reportedAt;
        ntp = new NtpTime(reportedNtp.Value + ((ulong)NtpTime.ToMiddle(elapsed) << 16));
        timestamp = reportedTimestamp + (long)(elapsed.TotalSeconds * Codec.ClockRate);
        return hasReport;
    }

    /// <summary>A time of this stream on the time line of another encoding of the track, by the reports of both. False while either is missing.</summary>
    public bool TryTranslate(RtpTimestamp timestamp, ReceiveStream other, out RtpTimestamp there)
    {
        var apart = (long)(reportedNtp.Value - other.reportedNtp.Value) / (double)(1L << 32);
        there = other.reportedTimestamp + timestamp.DistanceFrom(reportedTimestamp) + (long)(apart * Codec.ClockRate);
        return hasReport && other.hasReport && other.Track == track;
    }

    /// <summary>False when nothing was received: there is nothing to report.</summary>
    public bool TryTakeReport(Instant now, out ReportBlock block)
    {
        block = PacketsReceived == 0 ? default : statistics!.TakeReport(now);
        return PacketsReceived > 0;
    }

    DropReason TakePlace(Instant now, in RtpHeader header, ref bool isRepaired)
    {
        if (missing is not null && missing.TryResolve(now, header.Sequence))
        {
            if (!isRepaired) statistics!.AddLate();
            isRepaired = true;
            return DropReason.None;
        }

        if (isRepaired) return DropReason.Duplicate;
        if (!statistics!.Add(header.Sequence, header.Timestamp, now)) return DropReason.Malformed;
        if (missing is null) return DropReason.None;
        if (restarts != statistics.Restarts)
        {
            restarts = statistics.Restarts;
            missing.Restart();
        }

        return missing.TryAdvance(now, header.Sequence) ? DropReason.None : DropReason.Duplicate;
    }

    MediaPacket Describe(Instant arrivedAt, scoped in RtpHeader header, ReadOnlySpan<byte> packet, bool isRepaired, bool isNew)
    {
        var startsKeyframe = reader.Read(header.Payload(packet), out var numbers, out var layer);
        if (Kind == SectionKind.Video) layer = layers.Read(header, packet, layer, isNew);
        return new MediaPacket
        {
            Packet = packet,
            Header = header,
            Source = this,
            ArrivedAt = arrivedAt,
            IsRepaired = isRepaired,
            Numbers = numbers,
            Layer = layer,
            StartsDecoding = startsKeyframe || Kind == SectionKind.Audio,
        };
    }
}
