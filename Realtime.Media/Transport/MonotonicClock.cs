using System.Diagnostics;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>The process's clock for media: monotonic, never set back. The only place where media time is read.</summary>
public static class MonotonicClock
{
    static readonly long Origin = Stopwatch.GetTimestamp();

    public static Instant Now => new((long)((Stopwatch.GetTimestamp() - Origin) * (1e9 / Stopwatch.Frequency)));
}
