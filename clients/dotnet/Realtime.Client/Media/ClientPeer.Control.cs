using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;

namespace Realtime.Client.Media;

/// <summary>What is said and heard in RTCP: reports, arrivals, what is missing, key frames.</summary>
sealed partial class ClientPeer
{
    static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    /// <summary>So that the encrypted packet stays within what every path carries.</summary>
    const int MaxCompound = 1100;

    const int MaxAsked = 64;

    Instant _nextReport = Instant.Never;
    TimeSpan _roundTrip = TimeSpan.FromMilliseconds(100);

    readonly List<string> _keyFramesWanted = [];

    delegate bool RtcpBody(ref RtcpWriter writer);

    /// <summary>Sections whose next picture somebody needs to be a key frame; empty most of the time.</summary>
    public string[] TakeKeyFrameRequests()
    {
        if (_keyFramesWanted.Count == 0)
            return [];
        string[] wanted = [.. _keyFramesWanted];
        _keyFramesWanted.Clear();
        return wanted;
    }

    Ssrc OwnSsrc => _sections.Find(static section => section.Sending is not null)?.Sending!.Ssrc ?? new Ssrc(1);

    void Control(Instant now, Outbox outbox)
    {
        while (now >= _arrivals.NextDeadline && SendRtcp(outbox, (ref writer) => _arrivals.TryWrite(now, ref writer, OwnSsrc, new Ssrc(0))))
            continue;
        foreach (var section in _sections)
        {
            if (section.Receiving is { } receiving)
                Ask(now, receiving, outbox);
        }
        if (now < _nextReport)
            return;
        _nextReport = now + ReportInterval;
        Report(now, outbox);
    }

    void Ask(Instant now, ReceivingStream receiving, Outbox outbox)
    {
        var missing = new SequenceNumber[MaxAsked];
        if (receiving.TakeMissing(now, missing) is > 0 and var count)
            SendRtcp(outbox, (ref writer) => GenericNack.Write(ref writer, OwnSsrc, receiving.Ssrc, missing.AsSpan(0, count)));
        if (receiving.TryTakeKeyFrameRequest(now))
            SendRtcp(outbox, (ref writer) => new PictureLossIndication(OwnSsrc, receiving.Ssrc).Write(ref writer));
    }

    void Report(Instant now, Outbox outbox)
    {
        foreach (var section in _sections)
        {
            if (section.Sending is { } sending && sending.Report(now) is { } info)
                SendRtcp(outbox, (ref writer) => SenderReport.Write(ref writer, sending.Ssrc, info, []));
        }
        var blocks = _sections.Select(section => section.Receiving?.Report(now)).OfType<ReportBlock>().ToArray();
        for (var at = 0; at < blocks.Length; at += ReportBlock.MaxPerPacket)
            SendRtcp(outbox, (ref writer) => ReceiverReport.Write(ref writer, OwnSsrc, blocks.AsSpan(at, Math.Min(ReportBlock.MaxPerPacket, blocks.Length - at))));
    }

    bool SendRtcp(Outbox outbox, RtcpBody body)
    {
        if (_path?.Path is not { } to || !outbox.TryReserve(MaxDatagram, out var buffer))
            return false;
        var writer = new RtcpWriter(buffer[..MaxCompound]);
        if (!body(ref writer) || writer.Length == 0 || _keys!.ControlSender.Protect(buffer[..writer.Length], buffer, out var length) != DropReason.None)
            return false;
        outbox.Commit(to, length);
        return true;
    }

    void ReceiveRtcp(Instant now, Span<byte> datagram, Outbox outbox)
    {
        if (_keys!.ControlReceiver.Unprotect(datagram, out var length) != DropReason.None || !RtcpCompound.TryRead(datagram[..length], out var compound))
            return;
        _path!.Heard(now);
        foreach (var packet in compound)
        {
            if (PictureLossIndication.TryRead(packet, out var indication))
                WantKeyFrame(indication.Media);
            else if (FullIntraRequest.TryRead(packet, out var request))
            {
                for (var i = 0; i < request.Count; i++)
                    WantKeyFrame(request[i].Media);
            }
            else if (GenericNack.TryRead(packet, out var missed) && Sending(missed.Media) is { Sending: { } sending } section)
            {
                foreach (var number in missed)
                    sending.Repeat(now, number, _roundTrip, (in RtpHeaderFields fields, byte? level, ReadOnlySpan<byte> payload) => Send(section, fields, level, payload, outbox));
            }
            else if (SenderReport.TryRead(packet, out var sent))
            {
                if (_incoming.TryGetValue(sent.Sender, out var heard))
                    heard.Receiving!.SenderReportArrived(now, sent.Info.Ntp);
            }
            else if (ReceiverReport.TryRead(packet, out var report) && report.Blocks.Count > 0 && report.Blocks[0].RoundTrip(NtpTime.At(now)) is { } roundTrip)
                _roundTrip = roundTrip;
        }
    }

    void WantKeyFrame(Ssrc ssrc)
    {
        if (Sending(ssrc) is { } section && !_keyFramesWanted.Contains(section.Mid))
            _keyFramesWanted.Add(section.Mid);
    }

    MediaSection? Sending(Ssrc ssrc) => _sections.Find(section => section.Sending?.Ssrc == ssrc);
}
