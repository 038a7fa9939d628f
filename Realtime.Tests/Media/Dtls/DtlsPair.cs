using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Tests.Media.Harness;

namespace Realtime.Tests.Media.Dtls;

/// <summary>A client and a server joined by a seeded bad network on virtual time.</summary>
sealed class DtlsPair : IDisposable
{
    public static readonly NetAddress ClientAddress = NetAddress.FromIPv4(0x7F000001, 1000);
    public static readonly NetAddress ServerAddress = NetAddress.FromIPv4(0x7F000001, 2000);

    static readonly DtlsCertificate ServerCertificate = DtlsClient.CreateCertificate();
    static readonly DtlsCertificate ClientCertificate = DtlsClient.CreateCertificate();
    public static readonly DtlsContext ServerContext = new(ServerCertificate);
    public static readonly DtlsContext ClientContext = new(ClientCertificate);

    readonly PriorityQueue<(bool ToServer, byte[] Datagram), (long At, int Order)> wire = new();
    readonly Outbox outbox = new();
    readonly Entropy entropy;
    int order;

    public DtlsPair(ulong seed = 1, DtlsFingerprint? expectedClient = null)
    {
        entropy = new Entropy(seed);
        Server = new DtlsServer(ServerContext, expectedClient ?? ClientCertificate.Fingerprint);
        Client = new DtlsClient(ClientContext, ServerCertificate.Fingerprint);
    }

    public DtlsServer Server { get; }
    public DtlsClient Client { get; }
    public Instant Now { get; private set; }

    /// <summary>Of both directions, 0–1.</summary>
    public double Loss { get; init; }
    public double Duplication { get; init; }

    /// <summary>Each datagram takes 5 ms and up to this much more, so that they overtake each other.</summary>
    public int JitterMilliseconds { get; init; }

    /// <summary>Sees each datagram before the network does; false: lost.</summary>
    public Func<bool, byte[], bool>? Filter { get; init; }

    public List<byte[]> FromServer { get; } = [];
    public List<byte[]> FromClient { get; } = [];

    public void Start()
    {
        Server.Start(Now, ClientAddress, outbox);
        Client.Start(Now, ServerAddress, outbox);
        Collect();
    }

    public void Close(DtlsEndpoint side)
    {
        side.Close(outbox);
        Collect();
    }

    public void ToServer(ReadOnlySpan<byte> datagram)
    {
        Server.Receive(Now, ClientAddress, datagram, outbox);
        Collect();
    }

    /// <summary>Lets this much virtual time pass.</summary>
    public void Run(TimeSpan time)
    {
        var end = Now + time;
        while (true)
        {
            var next = Instant.Min(Server.NextDeadline, Client.NextDeadline);
            if (wire.TryPeek(out _, out var due)) next = Instant.Min(next, new Instant(due.At));
            if (next > end) break;
            Now = next > Now ? next : Now;
            while (wire.TryPeek(out _, out due) && due.At <= Now.Nanoseconds)
            {
                var (toServer, datagram) = wire.Dequeue();
                if (toServer) Server.Receive(Now, ClientAddress, datagram, outbox);
                else Client.Receive(Now, ServerAddress, datagram, outbox);
                Collect();
            }

            if (Server.NextDeadline <= Now) Server.Tick(Now, outbox);
            if (Client.NextDeadline <= Now) Client.Tick(Now, outbox);
            Collect();
        }

        Now = end;
    }

    public void Dispose()
    {
        Server.Dispose();
        Client.Dispose();
    }

    void Collect()
    {
        foreach (var entry in outbox.Entries)
        {
            var datagram = outbox.Payload(entry).ToArray();
            var toServer = entry.To == ServerAddress;
            (toServer ? FromClient : FromServer).Add(datagram);
            if (Filter is not null && !Filter(toServer, datagram)) continue;
            if (entropy.NextDouble() < Loss) continue;
            var copies = entropy.NextDouble() < Duplication ? 2 : 1;
            for (var i = 0; i < copies; i++)
                wire.Enqueue((toServer, datagram), ((Now + TimeSpan.FromMilliseconds(5 + entropy.NextInt32(JitterMilliseconds + 1))).Nanoseconds, order++));
        }

        outbox.Clear();
    }
}
