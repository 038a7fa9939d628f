using System.Net;
using Realtime.Contracts;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>The clients of one run, each with an address and links of its own.</summary>
sealed class ChaosPopulation : IAsyncDisposable
{
    const int UsersPerHost = 3;

    /// <summary>Of our own clients.</summary>
    public const int NeverKilled = 3;

    static int s_addresses;

    readonly List<IChaosClient> _clients = [];
    readonly List<NodeHost> _hosts = [];

    public History History { get; } = new();

    public IReadOnlyList<IChaosClient> Clients => _clients;

    public IReadOnlyList<NodeHost> Hosts => _hosts;

    public IReadOnlyList<NodeHost> LiveHosts => [.. _hosts.Where(host => !host.IsKilled)];

    public IEnumerable<IChaosClient> Living => _clients.Where(client => !client.IsDead);

    public IEnumerable<FaultProxy> Links => _clients.SelectMany(client => client.Links);

    /// <param name="native">Users of our own client.</param>
    /// <param name="hosts">Processes of Node, each with <see cref="UsersPerHost"/> users of the npm client.</param>
    public static async Task<ChaosPopulation> StartAsync(RunningApp app, string prefix, int native, int hosts, int seed, CancellationToken cancellation)
    {
        var population = new ChaosPopulation();
        for (var i = 0; i < native; i++)
            await population.AddNativeAsync(app, $"{prefix}-n{i}", i, seed);
        for (var i = 0; i < hosts; i++)
        {
            var host = await NodeHost.StartAsync(population.History);
            population._hosts.Add(host);
            for (var j = 0; j < UsersPerHost; j++)
                await population.AddNodeAsync(app, host, $"{prefix}-j{i}{j}", cancellation);
        }
        return population;
    }

    /// <summary>About a third of the living clients' links, the same for the same number.</summary>
    public IReadOnlyList<FaultProxy> LinksOfSome(int number)
    {
        var random = new Random(number);
        return [.. Living.Where(_ => random.Next(3) == 0).SelectMany(client => client.Links)];
    }

    /// <summary>One process of clients, and one client of our own, are no more.</summary>
    public async Task KillSomeAsync(int number, Action<string> note)
    {
        if (LiveHosts is { Count: > 1 } hosts)
        {
            var host = hosts[number % hosts.Count];
            note($"kill -9 the clients {string.Join(' ', host.Users)}");
            await host.KillAsync();
        }
        // The last ones have parts to play to the end (bans).
        if (Living.OfType<NativeClient>().SkipLast(NeverKilled).ToList() is { Count: > 2 } own)
        {
            var client = own[number % own.Count];
            note($"kill the client {client.User}");
            await client.KillAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        foreach (var host in _hosts)
            await host.DisposeAsync();
    }

    async Task AddNativeAsync(RunningApp app, string user, int number, int seed)
    {
        var source = NextAddress();
        FaultProxy[] links = [.. app.Signaling.Select(replica => new FaultProxy(EndPointOf(replica), source))];
        var client = new ChatClient(new ChatClientOptions(user, [.. links.Select(link => link.Http)], await app.TokenAsync(user, Grants()))
        {
            History = History,
            FirstServer = number,
            Seed = seed + number,
            InvokeTimeout = TimeSpan.FromSeconds(10),
        });
        _clients.Add(new NativeClient(client, links));
    }

    // The npm client knows one address: the one all replicas share.
    async Task AddNodeAsync(RunningApp app, NodeHost host, string user, CancellationToken cancellation)
    {
        var client = new NodeClient(host, user, new FaultProxy(EndPointOf(app.SignalingFront), NextAddress()));
        _clients.Add(client);
        await client.StartAsync(await app.TokenAsync(user, Grants()), cancellation);
    }

    static Grants Grants() => new(["*"], ["*"], true, true, Moderate: true);

    static IPEndPoint EndPointOf(Uri server) => new(IPAddress.Loopback, server.Port);

    public static IPAddress NextAddress()
    {
        var number = Interlocked.Increment(ref s_addresses);
        return new IPAddress([127, 3, (byte)(number >> 8), (byte)number]);
    }
}
