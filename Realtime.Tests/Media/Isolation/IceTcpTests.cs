using System.Net;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Transport;
using Xunit;

namespace Realtime.Tests.Media.Isolation;

/// <summary>Calls over the node's TCP port, through real sockets and the real worker thread.</summary>
public sealed class IceTcpTests
{
    public static TheoryData<EdgeKind> Kinds => OperatingSystem.IsLinux() ? [EdgeKind.Linux, EdgeKind.Portable] : [EdgeKind.Portable];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Udp_and_tcp_peers_see_each_other(EdgeKind kind)
    {
        await using var call = new LoopbackCall(kind);
        await call.StartAsync();
        var peers = new[] { await call.JoinAsync("alice", 2, 2, tcp: true), await call.JoinAsync("bob", 2, 2), await call.JoinAsync("carol", 2, 2, tcp: true) };
        Assert.True(call.PumpUntil(() => peers.All(peer => peer.Tracks.Count(track => track.Packets.Count > 50) == 4)));
        Assert.All(peers, peer => Assert.Equal(0, peer.BadPackets));
        Assert.Equal(2, call.Thread.PortCounters.TcpConnections);
        Assert.Equal(0, call.Thread.PortCounters.TcpSlowReaderDrops);
    }

    [Fact]
    public async Task A_node_without_udp_forwards_without_allocating_a_byte_and_finds_the_right_worker()
    {
        await using var call = new LoopbackCall(workers: 2, udp: false);
        await call.StartAsync();
        Assert.Equal(0, call.Thread.Port);
        var peers = new[] { await call.JoinAsync("alice", 2, 2, tcp: true), await call.JoinAsync("bob", 2, 2, tcp: true), await call.JoinAsync("carol", 2, 2, tcp: true) };
        Assert.True(call.PumpUntil(() => peers.All(peer => peer.Tracks.Count(track => track.Packets.Count > 0) == 4)));
        Assert.Equal(0, call.LeastAllocated());
        Assert.All(peers, peer => Assert.Equal(0, peer.BadPackets));
        // Its first check told whose each connection is: the other worker never saw one.
        Assert.Equal(3, call.Thread.PortCounters.TcpAdopted);
        Assert.Equal(3, call.Fleet.Workers.Sum(worker => worker.PortCounters.TcpAdopted));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_reader_that_takes_nothing_is_bounded_then_closed_and_nobody_else_notices(EdgeKind kind)
    {
        var limits = new TcpLimits { BacklogBytes = 32 << 10, KernelBufferBytes = 8 << 10, StuckAfter = TimeSpan.FromSeconds(1) };
        await using var call = new LoopbackCall(kind, limits: limits);
        await call.StartAsync();
        var alice = await call.JoinAsync("alice", 1, 1);
        var slow = await call.JoinAsync("slow", 1, 1, tcp: true);
        var carol = await call.JoinAsync("carol", 2, 2);
        Assert.True(call.PumpUntil(() => slow.Tracks.Any(track => track.Packets.Count > 0)));
        call.SocketOf(slow).ReadsNothing = true;
        Assert.True(call.PumpUntil(() => call.Thread.PortCounters.TcpSlowReaderDrops > 100));
        Assert.True(call.PumpUntil(() => call.Thread.PortCounters.TcpSlowReadersClosed == 1));
        Assert.True(call.PumpUntil(() => call.Thread.PortCounters.TcpConnections == 0)); // Counted a moment after the closing.
        var heard = carol.Tracks.Sum(track => track.Packets.Count);
        Assert.True(call.PumpUntil(() => carol.Tracks.Sum(track => track.Packets.Count) > heard + 500));
        Assert.Equal(0, carol.BadPackets + alice.BadPackets);
    }

    [Fact]
    public async Task A_connection_that_ends_ends_its_peer_within_seconds()
    {
        await using var call = new LoopbackCall();
        await call.StartAsync();
        var alice = await call.JoinAsync("alice", 0, 0, tcp: true);
        Assert.True(call.PumpUntil(() => alice.IsConnected));
        call.SocketOf(alice).Dispose();
        Assert.True(call.PumpUntil(() => call.Events.OfType<PeerLeftEvent>().Any(left => left.Reason == LeaveReason.ConsentExpired)));
        Assert.Equal(0, call.Thread.PortCounters.TcpConnections);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_end_of_the_node_is_heard_before_the_connection_ends(EdgeKind kind)
    {
        await using var call = new LoopbackCall(kind);
        await call.StartAsync();
        var alice = await call.JoinAsync("alice", 0, 0, tcp: true);
        Assert.True(call.PumpUntil(() => alice.IsConnected));
        await call.Thread.StopAsync(CancellationToken.None);
        Assert.True(call.PumpUntil(() => alice.HeardGoodbye));
        Assert.True(call.PumpUntil(() => call.SocketOf(alice).HasEnded));
    }

    [Fact]
    public async Task A_forged_first_check_ends_the_connection()
    {
        await using var call = new LoopbackCall();
        await call.StartAsync();
        var alice = await call.JoinAsync("alice", 0, 0);
        Assert.True(call.PumpUntil(() => alice.IsConnected));
        using var forger = PeerSocket.Open(new IPEndPoint(IPAddress.Loopback, call.Fleet.Tcp!.Port), tcp: true);
        forger.Send(ForgedCheck.For(alice.Answer!.Sections[0].Transport.IceUfrag));
        Assert.True(call.PumpUntil(() =>
        {
            while (forger.TryReceive(out _)) { }
            return forger.HasEnded;
        }));
        Assert.Equal(1, call.Thread.PortCounters.TcpAdopted);
        Assert.True(call.PumpUntil(() => call.Thread.PortCounters.TcpConnections == 0));
    }
}
