using Realtime.Bench.Load;
using Realtime.Bench.Options;
using Realtime.Bench.Servers;

namespace Realtime.Bench.Runs;

/// <summary>The clients of a scenario on one server: brings them in, and compares what the subscribers got with what the publishers sent.</summary>
sealed class Population(Scenario scenario, IRoomServer server, LoadThread load)
{
    /// <summary>Offers under way at once: more would only queue.</summary>
    const int Parallel = 8;

    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    readonly List<(int Room, LoadClient Client)> publishers = [];
    readonly List<(int Room, LoadClient Client)> subscribers = [];

    public IReadOnlyList<(int Room, LoadClient Client)> Subscribers => subscribers;

    public async Task PublishAsync()
    {
        for (var room = 0; room < scenario.Rooms; room++)
        {
            await server.OpenRoomAsync(room, scenario.Kind);
            for (var i = 0; i < scenario.Publishers; i++)
            {
                var client = load.Create();
                client.Publish(scenario.Kind, scenario.VideoKilobits);
                await server.PublishAsync(room, client);
                await client.Connected.WaitAsync(ConnectTimeout);
                publishers.Add((room, client));
            }
        }

        await load.StartSourcesAsync();
        for (var room = 0; room < scenario.Rooms; room++) await server.WaitForTracksAsync(room, scenario.Publishers);
    }

    /// <summary>Brings in subscribers, round by round over the rooms, and waits until each gets every track.</summary>
    public async Task SubscribeAsync(int count, CancellationToken stop)
    {
        var first = subscribers.Count;
        var newcomers = Enumerable.Range(first, count).Select(i => (Room: i % scenario.Rooms, Client: load.Create())).ToList();
        await System.Threading.Tasks.Parallel.ForEachAsync(newcomers, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = stop }, async (each, _) =>
        {
            await server.SubscribeAsync(each.Room, each.Client, scenario.Kind, scenario.Publishers);
            await each.Client.Connected.WaitAsync(ConnectTimeout, stop);
        });
        subscribers.AddRange(newcomers);
        var deadline = DateTime.UtcNow + ConnectTimeout;
        while (await load.RunAsync(() => newcomers.Count(each => each.Client.Streams.Count < scenario.Publishers)) is var waiting and > 0)
        {
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"{waiting} of {count} subscribers do not get all tracks from {server.Name}.");
            await Task.Delay(20, stop);
        }
    }

    /// <summary>Counting starts with the next packet.</summary>
    public Task<long[]> ResetAsync() => load.RunAsync(() =>
    {
        load.Totals.Clear();
        foreach (var (_, client) in subscribers)
        {
            foreach (var stream in client.Streams) stream.Reset();
        }

        return Sent();
    });

    /// <summary>What has come since, against what was sent since.</summary>
    public Task<(long Forwarded, long Lost, long Corrupt)> CountAsync(long[] sentBefore) => load.RunAsync(() =>
    {
        var sent = Sent();
        long forwarded = 0, expected = 0, misplaced = 0;
        foreach (var (room, client) in subscribers)
        {
            expected += sent[room] - sentBefore[room];
            foreach (var stream in client.Streams)
            {
                forwarded += stream.Received - stream.Repeated;
                misplaced += stream.Misplaced;
            }
        }

        return (forwarded, Math.Max(0, expected - forwarded), load.Totals.Corrupt + misplaced);
    });

    /// <summary>Packets sent so far, by room.</summary>
    long[] Sent()
    {
        var sent = new long[scenario.Rooms];
        foreach (var (room, client) in publishers)
        {
            foreach (var source in client.Sources) sent[room] += source.PacketsSent;
        }

        return sent;
    }
}
