using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>The tests that share one running app; one after the other, because some of them kill parts of it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunningAppCollection : ICollectionFixture<RunningApp>
{
    public const string Name = "the running app";
}

/// <summary>Base of a test against the running app: clients with addresses and a history of their own, and logs when it fails.</summary>
[Collection(RunningAppCollection.Name)]
[Trait("Tier", "EndToEnd")]
public abstract class EndToEndTest(RunningApp app) : IAsyncDisposable
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static int s_addresses;
    readonly List<ChatClient> _clients = [];

    protected RunningApp App => app;

    protected History History { get; } = new();

    /// <summary>A channel that no other test uses.</summary>
    protected string ChannelName { get; } = $"test-{Guid.NewGuid():N}";

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var client in _clients)
            await client.DisposeAsync();
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine(app.LogTails());
    }

    /// <summary>A client of its own address, joined to <see cref="ChannelName"/>, on the given replica.</summary>
    protected async Task<ChatClient> JoinAsync(string name, int replica)
    {
        var number = Interlocked.Increment(ref s_addresses);
        var user = $"{name}-{ChannelName[5..13]}";
        var client = new ChatClient(new ChatClientOptions(user, app.Signaling, await app.TokenAsync(user))
        {
            History = History,
            FirstServer = replica,
            Seed = number,
            SourceAddress = new System.Net.IPAddress([127, 1, (byte)(number >> 8), (byte)number]),
        });
        _clients.Add(client);
        await client.JoinAsync(ChannelName).WaitAsync(Patience);
        return client;
    }

    /// <summary>Waits until every client has been handed the last message, then judges the run.</summary>
    protected async Task SettleAsync(IReadOnlyCollection<ChatClient> clients)
    {
        // One more message, so that whatever was lost before it shows; the checker looks for a lost last one.
        var last = await clients.First().SendAsync(ChannelName, "last").WaitAsync(Patience);
        foreach (var client in clients)
            await Eventually.TrueAsync(() => client.PositionIn(ChannelName) >= last.Seq, Patience, $"{client.Name} gets {last.Seq} (has {client.PositionIn(ChannelName)})");
        Assert.Empty(HistoryChecker.Check(History.Observations));
    }

    /// <summary>Keeps all clients chatting, each at most as fast as production's limit of 30 a minute allows, until told to stop.</summary>
    protected async Task ChatAsync(IReadOnlyList<ChatClient> clients, CancellationToken until)
    {
        var pace = TimeSpan.FromSeconds(2.2);
        await Task.WhenAll(clients.Select(async (client, i) =>
        {
            try
            {
                // Spread over the pace, so that messages are on their way at every moment.
                await Task.Delay(pace * i / clients.Count, until);
                for (var n = 0; ; n++)
                {
                    await client.SendAsync(ChannelName, $"{client.Name} {n}");
                    await Task.Delay(pace, until);
                }
            }
            catch (OperationCanceledException) when (until.IsCancellationRequested)
            {
                return;
            }
        }));
    }

    protected int Acknowledged => History.Observations.OfType<Observation.Acknowledged>().Count();
}
