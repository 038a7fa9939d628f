using BenchmarkDotNet.Attributes;
using Realtime.Media.Core;
using Realtime.Media.Isolation;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;

namespace Realtime.Bench.Micro;

/// <summary>
/// What keeps peers from each other costs on the way of one connection: each piece, and <see cref="SetUp"/>, all that a connection passes from its join to its keys. That is to
/// stay below a hundredth of the 280 µs that its handshake takes.
/// </summary>
public class IsolationBenchmarks
{
    /// <summary>A join and an offer.</summary>
    const int Commands = 2;

    /// <summary>Checks, and the flights of the handshake.</summary>
    const int Datagrams = 12;

    readonly TransportCircuits circuits = new(new CircuitRegistry(TimeProvider.System));
    PeerQuota quota = new(new MediaQuotas(), Instant.Zero);
    TransportHealth health;
    Instant now = Instant.FromMilliseconds(1);

    [GlobalSetup]
    public void Fail() => circuits.Failed("room", "failed-once", TransportFault.Negotiation);

    [Benchmark]
    public bool CircuitOfOneWhoNeverFailed() => circuits.Check("room", "user") is null;

    [Benchmark]
    public bool CircuitOfOneWhoFailedOnce() => circuits.Check("room", "failed-once") is null;

    [Benchmark]
    public bool HealthOfAPacket() => health.Proven(now);

    [Benchmark]
    public bool QuotaOfADatagram()
    {
        now += TimeSpan.FromMilliseconds(1);
        var allowed = quota.Allows(now, 1200);
        if (allowed) quota.Charge(1200);
        return allowed;
    }

    [Benchmark]
    public void FaultPointOfADatagram() => FaultPoint.Hit("media.peer.receive", "datagram", "user", "room");

    [Benchmark]
    public bool SetUp()
    {
        var fine = true;
        for (var i = 0; i < Commands; i++)
        {
            fine &= CircuitOfOneWhoFailedOnce();
            FaultPointOfADatagram();
            ActionLog.Record("bench", "recorded", "user", "room", "detail");
        }

        for (var i = 0; i < Datagrams; i++)
        {
            fine &= QuotaOfADatagram();
            FaultPointOfADatagram();
            fine |= HealthOfAPacket();
        }

        return fine & circuits.Succeeded("room", "user");
    }
}
