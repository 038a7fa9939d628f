using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtcp;

/// <summary>
/// Receiver's estimate of the bandwidth (draft-alvestrand-rmcat-remb-03 §2.2). Read for what peers send unasked; never negotiated.
/// <code>| sender SSRC | 0 | "REMB" | count (8) | exponent (6) | mantissa (18) | SSRC … |</code>
/// </summary>
public readonly ref struct Remb
{
    const uint Identifier = 0x52454D42;
    const int FixedLength = 8;

    readonly ReadOnlySpan<byte> sources;

    Remb(Ssrc sender, Bitrate bitrate, ReadOnlySpan<byte> sources)
    {
        Sender = sender;
        Bitrate = bitrate;
        this.sources = sources;
    }

    public Ssrc Sender { get; }

    /// <summary>Saturates at <see cref="long.MaxValue"/>.</summary>
    public Bitrate Bitrate { get; }

    public int Count => sources.Length / 4;

    public Ssrc this[int index] => new(BinaryPrimitives.ReadUInt32BigEndian(sources[(index * 4)..]));

    public static bool TryRead(in RtcpPacket packet, out Remb remb)
    {
        remb = default;
        if (!Feedback.TryRead(packet, RtcpPacketType.PayloadFeedback, FeedbackFormat.ApplicationLayer, out var sender, out _, out var information)) return false;
        if (information.Length < FixedLength || BinaryPrimitives.ReadUInt32BigEndian(information) != Identifier) return false;
        var sources = information[4] * 4;
        if (information.Length < FixedLength + sources) return false;
        var packed = BinaryPrimitives.ReadUInt32BigEndian(information[4..]);
        var exponent = (int)(packed >> 18) & 0x3F;
        long mantissa = packed & 0x3_FFFF;
        var bitrate = mantissa > long.MaxValue >> exponent ? long.MaxValue : mantissa << exponent;
        remb = new Remb(sender, new Bitrate(bitrate), information.Slice(FixedLength, sources));
        return true;
    }
}
