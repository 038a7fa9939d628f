using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Media.Streams;

/// <summary>
/// What one publisher sends in one section: statistics for its receiver reports, its clock, what is missing of it, the latest packets for those who
/// missed one, and the key frames asked of it.
/// </summary>
/// <param name="codec">The codec answered to the publisher, under its payload type.</param>
/// <param name="rtx">What repairs it; null when the publisher has none.</param>
/// <param name="extensions">What the publisher's extension ids mean.</param>
public sealed class ReceiveStream(SectionKind kind, Codec codec, Codec? rtx, ExtensionMap extensions, SenderClock clock)
{
    public const int NotRouted = -1;

    readonly NackList? missing = kind == SectionKind.Video && codec.HasFeedback("nack") ? new NackList() : null;
    PayloadReader reader = new(codec);
    PacketCache? cache;
    ReceptionStatistics? statistics;
    int restarts;
    NtpTime reportedNtp;
    RtpTimestamp reportedTimestamp;
    Instant reportedAt;
    bool hasReport;

    /// <summary>Merged wishes of its subscribers.</summary>
    public KeyframeRequests Keyframes = new();

    public SectionKind Kind { get; } = kind;

    public Codec Codec { get; } = codec;

    /// <summary>Of the packets that repair this stream.</summary>
    public PayloadType? RtxPayloadType { get; } = rtx?.PayloadType;

    public ExtensionMap Extensions { get; } = extensions;

    /// <summary>What is to be asked for again; null when the publisher does not send again.</summary>
    public NackList? Missing => missing;

    /// <summary>Null before the first packet.</summary>
    public Ssrc? Ssrc => statistics?.Ssrc;

    /// <summary>Rises when another SSRC takes over: sequence and timestamps have nothing to do with those before.</summary>
    public int Generation { get; private set; }

    /// <summary>The owner's row for this stream, or <see cref="NotRouted"/>.</summary>
    public int Route { get; set; } = NotRouted;

    public long PacketsReceived => statistics?.Received ?? 0;

    /// <summary>From now on this SSRC is the stream.</summary>
    public void Latch(Ssrc ssrc)
    {
        if (statistics?.Ssrc == ssrc) return;
        statistics = new ReceptionStatistics(ssrc, Codec.ClockRate);
        restarts = 0;
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
        media = Describe(now, header, packet, isRepaired);
        if (Kind == SectionKind.Video) Keyframes.PacketArrived(now, media.StartsDecoding);
        cache?.Add(header.Sequence, now, packet[..(header.HeaderLength + header.PayloadLength)], isRepaired);
        return DropReason.None;
    }

    /// <summary>A packet as it came, once more.</summary>
    public bool TryRecall(SequenceNumber sequence, out MediaPacket media)
    {
        media = default;
        if (cache is null || !cache.TryGet(sequence, out var packet, out var arrivedAt, out var isRepaired) || !RtpHeader.TryRead(packet, out var header)) return false;
        media = Describe(arrivedAt, header, packet, isRepaired);
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

    MediaPacket Describe(Instant arrivedAt, scoped in RtpHeader header, ReadOnlySpan<byte> packet, bool isRepaired)
    {
        var startsKeyframe = reader.StartsKeyframe(header.Payload(packet), out var numbers);
        return new MediaPacket
        {
            Packet = packet,
            Header = header,
            Source = this,
            ArrivedAt = arrivedAt,
            IsRepaired = isRepaired,
            Numbers = numbers,
            StartsDecoding = startsKeyframe || Kind == SectionKind.Audio,
        };
    }
}
