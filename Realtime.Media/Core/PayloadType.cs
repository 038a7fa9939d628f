namespace Realtime.Media.Core;

/// <summary>RTP payload type, 7 bits: the number a peer gave a codec in its offer. Means nothing outside that peer.</summary>
public readonly record struct PayloadType(byte Value)
{
    public const byte Max = 127;

    /// <summary>64–95 look like RTCP once the marker bit is set, so they cannot be used with rtcp-mux (RFC 5761 §4).</summary>
    public bool CollidesWithRtcp => Value is >= 64 and <= 95;

    public override string ToString() => Value.ToString();
}
