namespace Realtime.Media.Rtp;

/// <summary>RTP timestamp: 32 bits that wrap, in units of the codec's clock rate, from a random start (RFC 3550 §5.1).</summary>
public readonly record struct RtpTimestamp(uint Value)
{
    /// <summary>Ticks from <paramref name="other"/> to this one the short way round.</summary>
    public int DistanceFrom(RtpTimestamp other) => (int)(Value - other.Value);

    public bool IsNewerThan(RtpTimestamp other) => DistanceFrom(other) > 0;

    public static RtpTimestamp operator +(RtpTimestamp a, long ticks) => new((uint)(a.Value + ticks));

    public static RtpTimestamp operator -(RtpTimestamp a, long ticks) => new((uint)(a.Value - ticks));

    public override string ToString() => Value.ToString();
}
