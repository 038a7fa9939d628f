using Realtime.Contracts.MediaControl;
using Realtime.Media.Isolation;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>A call of four on virtual time, what they sent so far, and the judgement whether somebody did them harm.</summary>
sealed class HostileCall : IDisposable
{
    const int People = 4;
    const int MaxRecorded = 600;

    readonly List<TestPeer> peers = [];

    public HostileCall(ulong seed, MediaQuotas? quotas = null)
    {
        Node = new VirtualNode(seed, quotas: quotas);
        Node.Link.Tap = flight =>
        {
            if (Recorded.Count < MaxRecorded && peers.Exists(peer => peer.Address == flight.From)) Recorded.Add(flight);
        };
        for (var i = 0; i < People; i++) peers.Add(Node.JoinPublishing($"victim-{i}"));
        Node.Run(TimeSpan.FromSeconds(3));
        Assert.All(peers, peer => Assert.Equal(2 * (People - 1), peer.Tracks.Count(track => track.Packets.Count > 0)));
    }

    public VirtualNode Node { get; }

    public IReadOnlyList<TestPeer> Peers => peers;

    /// <summary>What the four sent to the worker at first: checks, handshakes, media.</summary>
    public List<LinkEmulator.Flight> Recorded { get; } = [];

    /// <summary>Nobody left, nothing is missing, nothing was reported, and all goes on.</summary>
    public void AssertUnharmed()
    {
        Node.Run(TimeSpan.FromSeconds(2));
        Assert.Empty(Node.TakeCrashReports());
        Assert.DoesNotContain(Node.Told<RoomClosedEvent>(), e => e.Room == VirtualNode.Room);
        foreach (var peer in peers)
        {
            Assert.Empty(Node.Told<PeerLeftEvent>(peer.Id));
            foreach (var other in peers.Where(other => other != peer))
            {
                foreach (var source in other.Sources)
                {
                    var track = peer.TrackOf(source)!;
                    Assert.True(track.IsContinuous(), $"{peer.Id} misses packets of {other.Id}");
                    Assert.InRange(track.Packets[^1].Number, source.PacketsSent - 5, source.PacketsSent);
                }
            }
        }
    }

    public void Dispose() => Node.Dispose();
}
