using Realtime.Media.Core;

namespace Realtime.Tests.Media.Harness;

/// <summary>What happens to datagrams on the way.</summary>
/// <param name="Jitter">Each datagram is delayed by up to so much more; reordering comes of it.</param>
/// <param name="Rate">What the link carries each way; null: anything.</param>
/// <param name="Queue">How long a datagram waits at most for the link; what would wait longer is dropped.</param>
/// <param name="Reordering">Part of the datagrams that are overtaken by those of the next <see cref="ReorderedBy"/>.</param>
sealed record LinkConditions(
    double Loss = 0, double Duplication = 0, double Corruption = 0, TimeSpan? Delay = null, TimeSpan? Jitter = null,
    Bitrate? Rate = null, TimeSpan? Queue = null, double Reordering = 0)
{
    public static readonly LinkConditions Perfect = new();

    public static readonly TimeSpan ReorderedBy = TimeSpan.FromMilliseconds(8);

    public TimeSpan BaseDelay => Delay ?? TimeSpan.FromMilliseconds(5);

    public TimeSpan MaxWait => Queue ?? TimeSpan.FromMilliseconds(300);
}

/// <summary>A network on virtual time: everything follows from the seed.</summary>
sealed class LinkEmulator(Entropy entropy)
{
    readonly PriorityQueue<Flight, (long At, long Order)> flights = new();
    readonly Dictionary<(NetAddress Address, bool IsDown), Instant> busyUntil = [];
    long order;

    public readonly record struct Flight(Instant At, NetAddress From, NetAddress To, byte[] Datagram);

    /// <summary>Of every way that has none of its own.</summary>
    public LinkConditions Conditions { get; set; } = LinkConditions.Perfect;

    /// <summary>Of all that goes to or comes from an address.</summary>
    public Dictionary<NetAddress, LinkConditions> Links { get; } = [];

    /// <summary>Datagrams sent to or from these addresses vanish.</summary>
    public HashSet<NetAddress> Unplugged { get; } = [];

    /// <summary>What comes from these addresses is damaged, but for their STUN: as of a client whose keys are wrong.</summary>
    public HashSet<NetAddress> Garbled { get; } = [];

    /// <summary>Sees each datagram that is sent.</summary>
    public Action<Flight>? Tap { get; set; }

    public long Carried { get; private set; }

    /// <summary>Datagrams for which a link's queue was too long.</summary>
    public long Overflowed { get; private set; }

    public Instant NextDeadline => flights.TryPeek(out var next, out _) ? next.At : Instant.Never;

    public void Send(Instant now, NetAddress from, NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (Unplugged.Contains(from) || Unplugged.Contains(to)) return;
        Tap?.Invoke(new Flight(now, from, to, datagram.ToArray()));
        var isDown = Links.TryGetValue(to, out var link);
        if (!isDown && !Links.TryGetValue(from, out link)) link = Conditions;
        var leaves = now;
        if (link!.Rate is { } rate && !TryCarry(now, (isDown ? to : from, isDown), rate, link, datagram.Length, out leaves)) return;
        var copies = entropy.NextDouble() < link.Duplication ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            if (entropy.NextDouble() < link.Loss) continue;
            var at = leaves + link.BaseDelay + ((link.Jitter ?? TimeSpan.Zero) * entropy.NextDouble());
            if (link.Reordering > 0 && entropy.NextDouble() < link.Reordering) at += LinkConditions.ReorderedBy;
            var bytes = datagram.ToArray();
            if (Garbled.Contains(from) && bytes[0] >= 20) bytes[^1] ^= 1;
            if (entropy.NextDouble() < link.Corruption) bytes[entropy.NextInt32(bytes.Length)] ^= 0x5A;
            flights.Enqueue(new Flight(at, from, to, bytes), (at.Nanoseconds, order++));
        }
    }

    /// <summary>The next datagram that has arrived by now.</summary>
    public bool TryDeliver(Instant now, out Flight flight)
    {
        if (!flights.TryPeek(out flight, out _) || flight.At > now) return false;
        flights.Dequeue();
        Carried++;
        return true;
    }

    bool TryCarry(Instant now, (NetAddress, bool) way, Bitrate rate, LinkConditions link, int length, out Instant leaves)
    {
        var free = busyUntil.GetValueOrDefault(way);
        if (free < now) free = now;
        leaves = free + TimeSpan.FromSeconds(length * 8.0 / rate.BitsPerSecond);
        if (free - now > link.MaxWait)
        {
            Overflowed++;
            return false;
        }

        busyUntil[way] = leaves;
        return true;
    }
}
