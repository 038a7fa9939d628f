using Realtime.Media.Core;

namespace Realtime.Media.Rtp;

/// <summary>abs-send-time: when the packet left, 24 bits of seconds in 6.18 fixed point, wrapping every 64 s. Any steady clock will do.</summary>
public readonly record struct AbsSendTime(uint Value)
{
    public const int Length = 3;
    const long NanosecondsPerWrap = 64_000_000_000;

    public static AbsSendTime At(Instant now)
    {
        var inWrap = (ulong)(((now.Nanoseconds % NanosecondsPerWrap) + NanosecondsPerWrap) % NanosecondsPerWrap);
        return new AbsSendTime((uint)((inWrap << 18) / 1_000_000_000) & 0xFF_FFFF);
    }

    /// <param name="destination">Three bytes.</param>
    public void Write(Span<byte> destination)
    {
        destination[0] = (byte)(Value >> 16);
        destination[1] = (byte)(Value >> 8);
        destination[2] = (byte)Value;
    }
}
