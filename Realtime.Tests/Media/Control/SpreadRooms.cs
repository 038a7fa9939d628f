using System.Net.Http.Json;
using System.Security.Cryptography;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Media.Control;

/// <summary>Rooms in several parts, over real sockets: on two workers of a node, which spreads them by itself, and on two nodes, as signaling joins them.</summary>
public sealed class SpreadRooms
{
    const string Room = "spread";
    const int People = 4;

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_room_that_outgrows_its_worker_goes_on_on_another_one()
    {
        await using var node = await RunningNode.StartAsync(("Media:RoomPeersPerWorker", "2"));
        var people = new List<LivePeer>();
        try
        {
            JoinPeerResult? last = null;
            for (var i = 0; i < People; i++)
            {
                last = await node.PostAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, node.Joining($"p{i}", Room));
                people.Add(await ConnectAsync(node, $"p{i}"));
            }

            await AllHaveAllAsync(people);
            Assert.Equal(["p0", "p1", "p2", "p3"], last!.Participants.Select(static one => one.Participant).Order());
            Assert.Equal(6, last.Tracks.Count);
            var room = (await SnapshotAsync(node)).Rooms.Single(static each => each.Room == Room);
            Assert.Equal((People, 2 * People), (room.Peers.Count, room.Tracks.Select(static track => track.Track).Distinct().Count()));
            var reports = await ReportsAsync(node);
            Assert.Equal([2, 2], reports.Select(static worker => worker.Peers));
            await CrossingOnceAsync(people, async () => (await ReportsAsync(node)).Sum(static worker => worker.RelayedIn));

            // The part ends with its last participant, and the rest goes on.
            foreach (var one in new[] { "p2", "p3" })
                await node.PostAsync<LeavePeerCommand, Done>(MediaRoutes.Leave, new LeavePeerCommand(node.NextId(), Room, 1, one, LeaveReason.Left));
            await Eventually.TrueAsync(async () => (await ReportsAsync(node)).Sum(static worker => worker.Peers) == 2, s_patience, "nothing is left of the part");
            var mark = people[0].Received;
            await Eventually.TrueAsync(() => people[0].Received > mark + 20, s_patience, "those at home go on");
        }
        finally
        {
            foreach (var one in people) await one.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_room_whose_people_sit_on_two_nodes_is_one_room()
    {
        await using var home = await RunningNode.StartAsync();
        await using var other = await RunningNode.StartAsync();
        var people = new List<LivePeer>();
        try
        {
            string Secret(int bytes) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes));
            var accept = new RelayCommand(home.NextId(), Room, 1, "relay:1", Secret(56), Secret(6), Secret(18), 11, 22);
            for (var i = 0; i < People; i++)
            {
                var node = i % 2 == 0 ? home : other;
                await node.PostAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, node.Joining($"p{i}", Room));
                people.Add(await ConnectAsync(node, $"p{i}"));
                if (i != 1) continue;
                var address = (await home.PostAsync<RelayCommand, RelayResult>(MediaRoutes.Relay, accept)).Address;
                await other.PostAsync<RelayCommand, RelayResult>(MediaRoutes.Relay, accept with { OwnSsrc = 22, RemoteSsrc = 11, Dial = address });
            }

            await AllHaveAllAsync(people);
            Assert.Equal(2, (await SnapshotAsync(home)).Rooms.Single().Peers.Count);
            Assert.Equal(2, (await SnapshotAsync(other)).Rooms.Single().Peers.Count);
            await CrossingOnceAsync(people, async () => (await ReportsAsync(home)).Concat(await ReportsAsync(other)).Sum(static worker => worker.RelayedIn));
        }
        finally
        {
            foreach (var one in people) await one.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("pwd")]
    [InlineData("link")]
    [InlineData("dial")]
    public async Task A_link_that_says_nonsense_is_refused(string member)
    {
        await using var node = await RunningNode.StartAsync();
        var good = new RelayCommand(node.NextId(), Room, 1, "relay:1", Convert.ToBase64String(new byte[56]), "ufraguf+", new string('p', 24), 1, 2);
        var bad = member switch
        {
            "keys" => good with { Keys = Convert.ToBase64String(new byte[55]) },
            "pwd" => good with { Pwd = "short" },
            "link" => good with { Link = "" },
            _ => good with { Dial = "somewhere:else" },
        };
        Assert.Equal(ErrorCode.Invalid, (await node.RefusedAsync(MediaRoutes.Relay, bad)).Error.Code);
    }

    static Task<LivePeer> ConnectAsync(RunningNode node, string participant) => LivePeer.ConnectAsync(participant, People - 1, async offer =>
        (await node.PostAsync<NegotiatePeerCommand, NegotiatePeerResult>(MediaRoutes.Negotiate, new NegotiatePeerCommand(node.NextId(), Room, 1, participant, offer))).Sdp);

    static async Task AllHaveAllAsync(List<LivePeer> people)
    {
        foreach (var one in people)
            await Eventually.TrueAsync(() => one.ReceivesAll, s_patience, "everybody receives everybody");
    }

    /// <summary>Half of the people are on either side, so each packet that is published crosses once, and is received by as many as there are others.</summary>
    static async Task CrossingOnceAsync(List<LivePeer> people, Func<Task<long>> crossed)
    {
        var (received, before) = (people.Sum(static one => one.Received), await crossed());
        await Eventually.TrueAsync(() => people.Sum(static one => one.Received) > received + 3000, s_patience, "media flows");
        var (gotten, over) = (people.Sum(static one => one.Received) - received, await crossed() - before);
        // Each packet is received three times and crosses once; what is under way at the two looks is a few.
        Assert.InRange(over, (gotten / (People - 1)) - 150, (gotten / (People - 1)) + 150);
    }

    static async Task<NodeSnapshot> SnapshotAsync(RunningNode node) => (await GetAsync<NodeSnapshot>(node, MediaRoutes.Snapshot))!;

    static async Task<IReadOnlyList<WorkerReport>> ReportsAsync(RunningNode node) => (await GetAsync<List<WorkerReport>>(node, MediaRoutes.Counters))!;

    static async Task<T?> GetAsync<T>(RunningNode node, string route)
    {
        using var response = await node.SendAsync(HttpMethod.Get, route);
        return await response.Content.ReadFromJsonAsync<T>(ContractsJson.Options);
    }
}
