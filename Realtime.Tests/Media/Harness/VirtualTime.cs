using Realtime.Media.Core;

namespace Realtime.Tests.Media.Harness;

/// <summary>The network's virtual time, for parts that ask a <see cref="TimeProvider"/>.</summary>
sealed class VirtualTime(Func<Instant> now) : TimeProvider
{
    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => now().Nanoseconds;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(now().Nanoseconds / 100);
}
