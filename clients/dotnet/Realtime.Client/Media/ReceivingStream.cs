using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Client.Media;

/// <summary>What comes in one section: packets in order, what is missing asked for, frames out.</summary>
sealed class ReceivingStream
{
    /// <summary>Longer than the server keeps what may be asked for again.</summary>
    static readonly TimeSpan s_videoPatience = TimeSpan.FromMilliseconds(800);

    /// <summary>Opus conceals what is missing: only what was overtaken is waited for.</summary>
    static readonly TimeSpan s_audioPatience = TimeSpan.FromMilliseconds(100);

    readonly bool _isVideo;
    readonly PayloadType _type;
    readonly PacketOrder _order;
    readonly FrameAssembler _frames;
    readonly NackList _missing = new();
    readonly ReceptionStatistics _statistics;
    KeyframeRequests _keyFrames = new();
    RtpTimestamp? _last;
    long _elapsed;

    public ReceivingStream(MediaDescription answer)
    {
        _isVideo = answer.Kind == SectionKind.Video;
        Ssrc = answer.Ssrcs[0].Ssrc;
        RepairSsrc = answer.SsrcGroups.FirstOrDefault(static group => group.Semantics == "FID")?.Ssrcs is [_, var repairs] ? repairs : null;
        _type = answer.Codecs.FirstOrDefault(static codec => !codec.IsRtx)?.PayloadType ?? default;
        _order = new PacketOrder(_isVideo ? s_videoPatience : s_audioPatience);
        _frames = new FrameAssembler(_isVideo);
        _statistics = new ReceptionStatistics(Ssrc, _isVideo ? MediaFormats.VideoClock : MediaFormats.AudioClock);
    }

    public Ssrc Ssrc { get; }

    /// <summary>Of what is sent again.</summary>
    public Ssrc? RepairSsrc { get; }

    /// <summary>A key frame is needed, and nobody has one on the way.</summary>
    public bool NeedsKeyFrame => _frames.NeedsKeyFrame;

    /// <summary>Pictures that were left out for want of what came before them.</summary>
    public long Dropped => _frames.Dropped;

    public Instant NextDeadline => Instant.Min(_isVideo ? Instant.Min(_missing.NextDeadline, _keyFrames.Deadline) : Instant.Never, _order.NextDeadline);

    /// <summary>A packet in the clear, of the stream itself or sent again.</summary>
    public void Receive(Instant now, Span<byte> packet, RtpHeader header)
    {
        var isRepeated = header.Ssrc != Ssrc;
        if (isRepeated && (!RtxPayload.TryUndo(packet, header, _type, Ssrc, out packet) || !RtpHeader.TryRead(packet, out header)))
            return;
        // Padding alone probes for bandwidth; its numbers count all the same.
        var wasMissing = _missing.TryResolve(now, header.Sequence);
        if (!wasMissing && !_missing.TryAdvance(now, header.Sequence) && _isVideo)
            return;
        if (isRepeated)
            _statistics.AddLate();
        else
            _statistics.Add(header.Sequence, header.Timestamp, now);
        _order.Add(now, header.Sequence, packet);
    }

    /// <summary>The next whole frame; its timestamp counts from the first one.</summary>
    public bool TryTake(Instant now, out EncodedFrame frame)
    {
        if (_missing.TakeLoss() && _isVideo)
            _order.GiveUp();
        while (_order.TryTake(now, out var packet, out var isAfterLoss))
        {
            if (isAfterLoss)
                _frames.Lose();
            if (!RtpHeader.TryRead(packet, out var header))
                continue;
            var isComplete = _frames.Take(header, header.Payload(packet), out var data, out var isKeyFrame);
            if (_isVideo)
                _keyFrames.PacketArrived(now, isComplete && isKeyFrame);
            if (_frames.NeedsKeyFrame && _keyFrames.Deadline.IsNever)
                _keyFrames.Wish(now);
            if (!isComplete)
                continue;
            frame = new EncodedFrame(data, At(header.Timestamp)) { IsKeyFrame = isKeyFrame };
            return true;
        }
        frame = null!;
        return false;
    }

    /// <summary>Whoever reads needs a picture to begin with.</summary>
    public void WantKeyFrame(Instant now) => _keyFrames.Wish(now);

    /// <summary>Another track plays here from now on.</summary>
    public void Restart() => (_last, _elapsed) = (null, 0);

    /// <summary>Numbers to ask for now.</summary>
    public int TakeMissing(Instant now, Span<SequenceNumber> due) => _isVideo ? _missing.TakeDue(now, due) : 0;

    public bool TryTakeKeyFrameRequest(Instant now) => _isVideo && _keyFrames.TryTake(now);

    public void SenderReportArrived(Instant now, NtpTime ntp) => _statistics.SenderReportArrived(ntp, now);

    /// <summary>Null before anything came.</summary>
    public ReportBlock? Report(Instant now) => _statistics.Received == 0 ? null : _statistics.TakeReport(now);

    TimeSpan At(RtpTimestamp timestamp)
    {
        _elapsed += _last is { } last ? timestamp.DistanceFrom(last) : 0;
        _last = timestamp;
        return TimeSpan.FromTicks(_elapsed * TimeSpan.TicksPerSecond / (_isVideo ? MediaFormats.VideoClock : MediaFormats.AudioClock));
    }
}
