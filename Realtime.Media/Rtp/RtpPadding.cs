namespace Realtime.Media.Rtp;

/// <summary>Bytes after the payload that mean nothing; the last one counts them (RFC 3550 §5.1).</summary>
public static class RtpPadding
{
    /// <summary>One byte counts it.</summary>
    public const int MaxLength = byte.MaxValue;

    const byte Flag = 0x20;

    /// <param name="packet">Begins with the header, whose P bit is set.</param>
    /// <param name="padding">1 to 255 bytes right behind the payload.</param>
    public static void Write(Span<byte> packet, Span<byte> padding)
    {
        packet[0] |= Flag;
        padding.Clear();
        padding[^1] = (byte)padding.Length;
    }
}
