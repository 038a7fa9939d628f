using Realtime.Media.Core;

namespace Realtime.Media.Rtcp;

/// <summary>
/// 64-bit NTP timestamp: seconds in the high half, fractions in the low. Made from the monotonic clock: RFC 3550 §4 asks only
/// that all of one sender's streams use the same clock.
/// </summary>
public readonly record struct NtpTime(ulong Value)
{
    const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>The middle 32 bits, in 1/65536 s: what reports echo as LSR.</summary>
    public uint Middle => (uint)(Value >> 16);

    public static NtpTime At(Instant now)
    {
        var seconds = (ulong)(now.Nanoseconds / NanosecondsPerSecond);
        var fraction = ((ulong)(now.Nanoseconds % NanosecondsPerSecond) << 32) / NanosecondsPerSecond;
        return new NtpTime((seconds << 32) | fraction);
    }

    /// <summary>A span in the 1/65536 s of LSR and DLSR, 0 … 65535 s.</summary>
    public static uint ToMiddle(TimeSpan span) => (uint)Math.Clamp(span.Ticks * 65536L / TimeSpan.TicksPerSecond, 0, uint.MaxValue);

    public static TimeSpan FromMiddle(uint units) => TimeSpan.FromTicks(units * TimeSpan.TicksPerSecond / 65536L);
}
