using Realtime.Contracts;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos.Kills;

/// <summary>
/// The people of one kill: one who stays, one who dies without a word at about the same moment, one who says goodbye then. Each is in a channel, shows a presence, types, and is in a call.
/// </summary>
sealed class Cohort : IAsyncDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    readonly List<ChatClient> _people = [];
    readonly List<LivePeer> _peers = [];
    bool _parted;
    bool _ended;

    Cohort(string name) => (Channel, Room) = ($"{name}-c", $"{name}-r");

    public string Channel { get; }

    public string Room { get; }

    public ChatClient Stays => _people[0];

    /// <summary>They are nowhere any more.</summary>
    public IReadOnlyList<string> Gone => [.. _people.Skip(1).Select(static person => person.Name)];

    public static async Task<Cohort> EnterAsync(RunningApp app, string name, int seed)
    {
        var cohort = new Cohort(name);
        try
        {
            foreach (var (role, i) in new[] { "stays", "dies", "leaves" }.Select(static (role, i) => (role, i)))
            {
                var user = $"{name}-{role}";
                var client = new ChatClient(new ChatClientOptions(user, app.Signaling, await app.TokenAsync(user))
                {
                    SourceAddress = ChaosPopulation.NextAddress(),
                    FirstServer = seed + i,
                    Seed = seed + i,
                });
                cohort._people.Add(client);
                await client.JoinAsync(cohort.Channel).WaitAsync(s_patience);
                var hub = await client.OnlineAsync().WaitAsync(s_patience);
                await hub.InvokeAsync<Done>("SetPresence", new SetPresenceRequest(PresenceStatus.Idle));
                cohort._peers.Add(await LivePeer.JoinAsync(client, cohort.Room, others: 2).WaitAsync(s_patience));
            }
            return cohort;
        }
        catch
        {
            await cohort.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says that everybody types, which nobody takes back.</summary>
    public async Task TypeAsync()
    {
        foreach (var person in _people.Where(static person => person.IsOnline))
        {
            try
            {
                await (await person.OnlineAsync()).InvokeAsync<Done>("Typing", new TypingRequest(Channel));
            }
            catch (Exception failure) when (failure is HubCallException or HubConnectionException)
            {
                // The kill was faster.
                continue;
            }
        }
    }

    /// <summary>One dies, one goes.</summary>
    public async Task PartAsync()
    {
        await Task.WhenAll(_peers.Skip(1).Select(static peer => peer.DisposeAsync().AsTask()));
        _peers.RemoveRange(1, _peers.Count - 1);
        _parted = true;
        await Task.WhenAll(_people[1].KillAsync(), _people[2].DisposeAsync().AsTask());
    }

    public async ValueTask DisposeAsync()
    {
        if (_ended)
            return;
        _ended = true;
        foreach (var peer in _peers)
            await peer.DisposeAsync();
        // Whoever has parted is disposed already.
        foreach (var person in _people.Take(_parted ? 1 : _people.Count))
            await person.DisposeAsync();
    }
}
