using Realtime.Media.Core;

namespace Realtime.Bench.Load;

/// <summary>When the kernel had a datagram, and when it was read.</summary>
readonly record struct Arrival(long UnixNanoseconds, long ReadAt)
{
    /// <summary>The arrival by the clock that shows <paramref name="now"/> at the reading.</summary>
    public Instant OnClockOf(Instant now) => new(now.Nanoseconds - Math.Max(0, ReadAt - UnixNanoseconds));
}
