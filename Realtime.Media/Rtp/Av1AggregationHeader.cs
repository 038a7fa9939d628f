namespace Realtime.Media.Rtp;

/// <summary>
/// The first byte of an AV1 payload (av1-rtp-spec §4.4).
/// <code>|Z|Y| W |N| reserved |      Z: continues an OBU of the packet before, N: first packet of a coded video sequence</code>
/// </summary>
public readonly record struct Av1AggregationHeader(bool StartsKeyframe)
{
    public static bool TryRead(ReadOnlySpan<byte> payload, out Av1AggregationHeader header)
    {
        header = default;
        if (payload.Length < 2) return false;
        // N together with Z is a contradiction (§4.4): no start.
        header = new Av1AggregationHeader((payload[0] & 0x88) == 0x08);
        return true;
    }
}
