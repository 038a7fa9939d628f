using Realtime.Media.Core;

namespace Realtime.Tests.Media.Harness;

/// <summary>One direction of a link: how long its queue is, and which datagram arrives when. Knows no clock: everything follows from the seed and the times given.</summary>
sealed class EmulatedWay(Entropy entropy)
{
    Instant busyUntil = Instant.Zero;

    /// <summary>Changeable while datagrams are on their way.</summary>
    public LinkConditions Conditions { get; set; } = LinkConditions.Perfect;

    public long Carried { get; private set; }

    public long Lost { get; private set; }

    /// <summary>The queue was too long for them.</summary>
    public long Overflowed { get; private set; }

    /// <summary>False when it never arrives.</summary>
    public bool TryCarry(Instant now, int length, out Instant at)
    {
        at = now;
        if (Conditions.Rate is { } rate)
        {
            if (busyUntil < now) busyUntil = now;
            if (busyUntil - now > Conditions.MaxWait)
            {
                Overflowed++;
                return false;
            }

            at = busyUntil += TimeSpan.FromSeconds(length * 8.0 / rate.BitsPerSecond);
        }

        return TryArrive(ref at);
    }

    /// <summary>Behind the queue: loss, delay, jitter, and what is overtaken.</summary>
    public bool TryArrive(ref Instant at)
    {
        if (entropy.NextDouble() < Conditions.Loss)
        {
            Lost++;
            return false;
        }

        Carried++;
        at += Conditions.BaseDelay + ((Conditions.Jitter ?? TimeSpan.Zero) * entropy.NextDouble());
        if (Conditions.Reordering > 0 && entropy.NextDouble() < Conditions.Reordering) at += LinkConditions.ReorderedBy;
        return true;
    }
}
