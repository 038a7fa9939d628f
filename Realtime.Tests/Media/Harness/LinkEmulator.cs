using Realtime.Media.Core;

namespace Realtime.Tests.Media.Harness;

/// <summary>What happens to datagrams on the way. Reordering comes of jitter.</summary>
sealed record LinkConditions(double Loss = 0, double Duplication = 0, double Corruption = 0, TimeSpan? Delay = null, TimeSpan? Jitter = null)
{
    public static readonly LinkConditions Perfect = new();

    public TimeSpan BaseDelay => Delay ?? TimeSpan.FromMilliseconds(5);
}

/// <summary>A network on virtual time: everything follows from the seed.</summary>
sealed class LinkEmulator(Entropy entropy)
{
    readonly PriorityQueue<Flight, (long At, long Order)> flights = new();
    long order;

    public readonly record struct Flight(Instant At, NetAddress From, NetAddress To, byte[] Datagram);

    public LinkConditions Conditions { get; set; } = LinkConditions.Perfect;

    /// <summary>Datagrams sent to or from these addresses vanish.</summary>
    public HashSet<NetAddress> Unplugged { get; } = [];

    /// <summary>Sees each datagram that is sent.</summary>
    public Action<Flight>? Tap { get; set; }

    public long Carried { get; private set; }

    public Instant NextDeadline => flights.TryPeek(out var next, out _) ? next.At : Instant.Never;

    public void Send(Instant now, NetAddress from, NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (Unplugged.Contains(from) || Unplugged.Contains(to)) return;
        Tap?.Invoke(new Flight(now, from, to, datagram.ToArray()));
        var copies = entropy.NextDouble() < Conditions.Duplication ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            if (entropy.NextDouble() < Conditions.Loss) continue;
            var at = now + Conditions.BaseDelay + ((Conditions.Jitter ?? TimeSpan.Zero) * entropy.NextDouble());
            var bytes = datagram.ToArray();
            if (entropy.NextDouble() < Conditions.Corruption) bytes[entropy.NextInt32(bytes.Length)] ^= 0x5A;
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
}
