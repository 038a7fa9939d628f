using Realtime.Contracts.MediaControl;
using Realtime.Media.Isolation;
using Realtime.ServiceDefaults.Faults;
using Xunit;

namespace Realtime.Tests.Media.Isolation;

public sealed class WorkerThreadTests
{
    [Fact]
    public async Task Forwards_over_the_real_socket_without_allocating_a_byte()
    {
        await using var call = new LoopbackCall();
        await call.StartAsync();
        var peers = new[] { await call.JoinAsync("alice", 2, 2), await call.JoinAsync("bob", 2, 2), await call.JoinAsync("carol", 2, 2) };
        Assert.True(call.PumpUntil(() => peers.All(peer => peer.Tracks.Count(track => track.Packets.Count > 0) == 4)));
        Assert.Equal(0, call.LeastAllocated());
        Assert.All(peers, peer => Assert.Equal(0, peer.BadPackets));
        Assert.Equal(0, call.Thread.PortCounters.SendErrors);
    }

    [Fact]
    public async Task Refuses_more_commands_than_it_holds()
    {
        await using var call = new LoopbackCall();
        // Not started: nobody takes the commands.
        for (var i = 0; i < Mailbox.Capacity; i++) Assert.NotNull(call.Thread.Mailbox.TryCall((_, _, _) => i));
        Assert.Null(call.Thread.Mailbox.TryCall((_, _, _) => 0));
        await call.StartAsync();
        Assert.Equal(1, await Eventually(call));
    }

    [Fact]
    public async Task Forwards_though_there_is_always_one_more_command()
    {
        await using var call = new LoopbackCall();
        await call.StartAsync();
        var peers = new[] { await call.JoinAsync("alice", 1, 1), await call.JoinAsync("bob", 1, 1) };
        var commands = 0;
        // As callers do who ask again once they are answered: behind each the next one waits.
        void Ask() => _ = call.Thread.Mailbox.TryCall((_, _, _) =>
        {
            Ask();
            return ++commands;
        });
        Ask();
        Assert.True(call.PumpUntil(() => peers.All(peer => peer.Tracks.Count(track => track.Packets.Count > 50) == 2)));
        Assert.True(commands > 50);
    }

    [Fact]
    public async Task Says_goodbye_when_the_node_stops()
    {
        var call = new LoopbackCall();
        await call.StartAsync();
        var alice = await call.JoinAsync("alice", 0, 0);
        Assert.True(call.PumpUntil(() => alice.IsConnected));
        await call.Thread.StopAsync(CancellationToken.None);
        Assert.True(call.PumpUntil(() => alice.HeardGoodbye));
        Assert.Equal("shutdown", call.Events.OfType<RoomClosedEvent>().Single().Reason);
        await call.DisposeAsync();
    }

    [Fact]
    public async Task A_failed_loop_is_reported_tells_the_rooms_end_and_starts_again()
    {
        await using var call = new LoopbackCall();
        await call.StartAsync();
        var alice = await call.JoinAsync("alice", 0, 0);
        Assert.True(call.PumpUntil(() => alice.IsConnected));

        var fatal = await Assert.ThrowsAsync<WorkerDownException>(() => call.Call<int>((_, _, _) => throw new InjectedFaultException("worker", "command")));
        Assert.True(fatal.MayHaveRun);
        Assert.IsType<InjectedFaultException>(fatal.InnerException);
        Assert.True(call.PumpUntil(() => call.Events.OfType<RoomClosedEvent>().Any()));
        Assert.Equal("alice", call.Events.OfType<PeerLeftEvent>().Single().Participant);
        // The supervisor waits before it starts the loop again: by the kit's clock, which is turned by hand.
        Assert.True(call.PumpUntil(() => call.Kit.Reporter.Total == 1));
        // Nobody waits for that: whoever asks meanwhile is told at once.
        var refused = await Assert.ThrowsAsync<WorkerDownException>(() => call.Call((worker, _, _) => worker.Snapshot()));
        Assert.False(refused.MayHaveRun);
        Task<IReadOnlyList<RoomSnapshot>>? answer = null;
        Assert.True(call.PumpUntil(() =>
        {
            call.Kit.Time.Advance(TimeSpan.FromSeconds(1));
            if (answer is null or { IsFaulted: true }) answer = call.Call((worker, _, _) => worker.Snapshot());
            return answer.IsCompletedSuccessfully;
        }));
        Assert.Empty(await answer!);
    }

    static async Task<int> Eventually(LoopbackCall call)
    {
        Task<int>? answer = null;
        Assert.True(call.PumpUntil(() => (answer = call.Thread.Mailbox.TryCall((_, _, _) => 1)) is not null));
        return await answer!.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
