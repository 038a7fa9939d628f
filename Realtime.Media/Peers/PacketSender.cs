using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Realtime.Media.Srtp;
using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

/// <summary>Writes other peers' packets for one subscriber, straight into the outbox: header and running numbers rewritten, encrypted. Allocates nothing per packet.</summary>
sealed class PacketSender(PeerTransport transport, ExtensionMap extensions, PeerBandwidth bandwidth)
{
    /// <summary>What a rewritten header may be longer than the original by: MID and the change to two-byte form.</summary>
    const int HeaderGrowth = 96;

    /// <summary>A packet on its way, in the section that <paramref name="stream"/> is.</summary>
    public DropReason Forward(Instant now, in MediaPacket packet, SendStream stream, Outbox outbox)
    {
        if (!outbox.TryReserve(packet.Packet.Length + packet.Padding + HeaderGrowth + RtxPayload.OsnLength + SrtpProfiles.MaxRtpOverhead, out var buffer)) return DropReason.OutboxFull;
        if (!stream.TryNext(packet, out var fields)) return DropReason.None;
        if (packet.Header.PayloadType == packet.Source!.Track.RedPayloadType) return ForwardRed(now, packet, stream, fields, buffer, outbox);
        if (!TryWriteHeader(packet, stream, fields, buffer, out var length)) return DropReason.Malformed;
        var payload = packet.Payload;
        var isRenumbered = stream.TryRenumber(packet, out var pictureId, out var tl0PicIdx);
        if (isRenumbered || packet.Padding > 0)
        {
            var copy = buffer.Slice(length, payload.Length + packet.Padding);
            payload.CopyTo(copy);
            if (isRenumbered)
            {
                packet.Numbers.SetPictureId(copy, pictureId);
                packet.Numbers.SetTl0PicIdx(copy, tl0PicIdx);
            }

            if (packet.Padding > 0) RtpPadding.Write(buffer, copy[payload.Length..]);
            payload = copy;
        }

        var drop = transport.ProtectRtp(buffer, length, payload, out var written);
        if (drop != DropReason.None) return drop;
        stream.Sent(payload.Length - packet.Padding);
        return bandwidth.Send(now, buffer[..written], stream.Kind == SectionKind.Video ? SentKind.Video : SentKind.Audio, outbox);
    }

    /// <summary>Audio with its earlier frames: as it is, under the subscriber's numbers, or the new frame alone to who negotiated no such thing.</summary>
    DropReason ForwardRed(Instant now, in MediaPacket packet, SendStream stream, in RtpHeaderFields fields, Span<byte> buffer, Outbox outbox)
    {
        var payload = packet.Payload;
        if (!RedPayload.TryReadPrimary(payload, out var primary, out var type) || type != packet.Source!.Codec.PayloadType) return DropReason.Malformed;
        var red = stream.RedPayloadType;
        if (!TryWriteHeader(packet, stream, red is { } number ? fields with { PayloadType = number } : fields, buffer, out var length)) return DropReason.Malformed;
        if (red is null)
        {
            payload = payload[primary..];
        }
        else
        {
            var copy = buffer.Slice(length, payload.Length);
            payload.CopyTo(copy);
            RedPayload.SetTypes(copy, stream.PayloadType);
            payload = copy;
        }

        var drop = transport.ProtectRtp(buffer, length, payload, out var written);
        if (drop != DropReason.None) return drop;
        stream.Sent(payload.Length);
        return bandwidth.Send(now, buffer[..written], SentKind.Audio, outbox);
    }

    /// <summary>One that the subscriber missed, once more, as RTX (RFC 4588 §4). Nothing happens when it cannot or may not be.</summary>
    /// <param name="missed">The subscriber's own number of it.</param>
    public DropReason Repeat(Instant now, SequenceNumber missed, SendStream stream, TimeSpan roundTrip, Outbox outbox)
    {
        if (!bandwidth.AllowsRepair || !stream.TryRepeat(now, missed, roundTrip, out var packet, out var fields, out var isLeftOut)) return DropReason.None;
        if (!outbox.TryReserve(packet.Packet.Length + HeaderGrowth + RtxPayload.OsnLength + SrtpProfiles.MaxRtpOverhead, out var buffer)) return DropReason.OutboxFull;
        if (!TryWriteHeader(packet, stream, fields, buffer, out var length)) return DropReason.Malformed;
        var copy = buffer.Slice(length, RtxPayload.OsnLength + packet.Payload.Length);
        RtxPayload.WriteOsn(copy, missed);
        // The number alone: the subscriber takes it for padding and waits no longer.
        if (isLeftOut) return SendRepair(now, buffer, length, copy[..RtxPayload.OsnLength], outbox);
        var payload = copy[RtxPayload.OsnLength..];
        packet.Payload.CopyTo(payload);
        if (stream.TryRenumber(packet, out var pictureId, out var tl0PicIdx))
        {
            packet.Numbers.SetPictureId(payload, pictureId);
            packet.Numbers.SetTl0PicIdx(payload, tl0PicIdx);
        }

        return SendRepair(now, buffer, length, copy, outbox);
    }

    /// <summary>A packet of nothing but padding beside a stream's repairs, for the sake of its bytes. False when the subscriber has no such stream, or there is no room.</summary>
    public bool Pad(Instant now, RtxSender rtx, Outbox outbox)
    {
        var id = extensions.IdOf(ExtensionKind.TransportCc);
        if (id == 0 || rtx.PayloadType is not { } type || !outbox.TryReserve(RtpHeader.MinLength + HeaderGrowth + RtpPadding.MaxLength + SrtpProfiles.MaxRtpOverhead, out var buffer)) return false;
        new RtpHeaderFields(Marker: false, type, rtx.NextSequence(), default, rtx.Ssrc).TryWrite(buffer);
        var writer = new RtpExtensionWriter(buffer[RtpHeader.MinLength..], twoByte: !RtpExtensionWriter.FitsOneByte(id, sizeof(ushort)));
        BinaryPrimitives.WriteUInt16BigEndian(writer.Add(id, sizeof(ushort), out _), bandwidth.NextNumber.Value);
        var length = RtpHeader.MinLength + writer.Finish();
        RtpFields.SetExtension(buffer);
        var padding = buffer.Slice(length, RtpPadding.MaxLength);
        RtpPadding.Write(buffer, padding);
        return SendRepair(now, buffer, length, padding, outbox) == DropReason.None;
    }

    DropReason SendRepair(Instant now, Span<byte> buffer, int headerLength, ReadOnlySpan<byte> payload, Outbox outbox)
    {
        var drop = transport.ProtectRtp(buffer, headerLength, payload, out var length);
        return drop == DropReason.None ? bandwidth.Send(now, buffer[..length], SentKind.Repair, outbox) : drop;
    }

    /// <summary>False also when the payload would not fit behind it: a publisher can fill a header with elements that all grow in the subscriber's form.</summary>
    bool TryWriteHeader(in MediaPacket packet, SendStream stream, in RtpHeaderFields fields, Span<byte> buffer, out int length)
    {
        var forwarded = new ForwardedHeader(fields, stream.Mid, AbsSendTime.At(packet.ArrivedAt)) { Targets = packet.Layer.Tell(stream.ForwardedTargets) };
        var isWritten = ExtensionRewriter.TryWrite(packet.Packet, packet.Header, packet.Extensions, extensions, forwarded, buffer, out var written);
        length = written.Length;
        if (!isWritten || length + RtxPayload.OsnLength + packet.Payload.Length + packet.Padding + SrtpProfiles.MaxRtpOverhead > buffer.Length) return false;
        stream.Renumber(buffer[written.DependencyDescriptor]);
        if (written.TransportSequenceOffset > 0) BinaryPrimitives.WriteUInt16BigEndian(buffer[written.TransportSequenceOffset..], bandwidth.NextNumber.Value);
        return true;
    }
}
