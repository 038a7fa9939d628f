using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BenchmarkDotNet.Attributes;
using Realtime.Contracts;
using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Media.Isolation;
using Realtime.Media.Peers;
using Realtime.Media.Rooms;
using Realtime.Media.Sdp;
using Realtime.Media.Transport;

namespace Realtime.Bench.Micro;

/// <summary>Whose datagram it is, among many peers, and the sorting of a frame's copies into runs by subscriber.</summary>
public class RouteBenchmarks
{
    const int FramePackets = 6;

    readonly PeerTable table = new(new UfragDirectory(), 0);
    readonly DestinationRuns runs = new(8192);
    readonly Outbox outbox = new(12 << 20, 8192);
    readonly byte[] datagram = [0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 1, 2, 3, 4];
    DtlsContext? context;
    int next;

    [Params(10, 400)]
    public int Peers { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var x509 = new CertificateRequest("CN=bench", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        context = new DtlsContext(new DtlsCertificate(x509.RawData, key.ExportPkcs8PrivateKey()));
        Fingerprint.TryParse($"{DtlsFingerprint.Algorithm} {context.Certificate.Fingerprint}", out var fingerprint);
        var environment = new PeerEnvironment(context, fingerprint!, []);
        var entropy = new Entropy(1);
        var room = new RoomSlot(new Room("room", 1, environment, entropy, new DropCounters()));
        for (var i = 0; i < Peers; i++)
        {
            var peer = new Peer(environment, new PeerGrants(true, true, 8, 64), entropy);
            var info = new ParticipantInfo($"{i}", $"user-{i}", $"{i}", DateTimeOffset.UnixEpoch);
            table.AddAddress(Instant.Zero, new PeerSlot(room, new Participant(info, peer), new MediaQuotas(), Instant.Zero), Address(i));
        }

        for (var packet = 0; packet < FramePackets; packet++)
        {
            for (var i = 0; i < Peers; i++) outbox.TrySend(Address(i), datagram);
        }
    }

    [GlobalCleanup]
    public void Close() => context!.Dispose();

    [Benchmark]
    public bool Find()
    {
        next = next + 1 == Peers ? 0 : next + 1;
        return table.Find(Address(next), datagram, DatagramKind.Rtp, out _) is not null;
    }

    /// <summary>One frame to everybody.</summary>
    [Benchmark]
    public int SortIntoRuns()
    {
        runs.Build(outbox.Entries);
        return runs.Destinations;
    }

    static NetAddress Address(int i) => NetAddress.FromIPv4(0x7F00_0001, (ushort)(20_000 + i));
}
