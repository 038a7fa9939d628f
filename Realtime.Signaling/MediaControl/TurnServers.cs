using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Signaling.MediaControl;

/// <summary>The TURN servers of the configuration, each with a circuit of its own (design §4): one whose circuit is not closed is handed to nobody.</summary>
public sealed class TurnServers(IOptionsMonitor<TurnOptions> options, CircuitRegistry circuits)
{
    public const string CircuitPrefix = "turn:";

    /// <summary>Servers used; more are a mistake in the configuration.</summary>
    public const int MaxServers = 16;

    public IReadOnlyList<TurnServer> Configured
    {
        get
        {
            var servers = new List<TurnServer>();
            foreach (var url in Urls.Take(MaxServers))
            {
                if (TurnServer.TryRead(url, out var server))
                    servers.Add(server);
            }
            return servers;
        }
    }

    /// <summary>What clients are given at the moment. STUN servers of the list are no relays and always among it.</summary>
    public string[] UsableUrls => [.. Urls.Where(url => !TurnServer.TryRead(url, out var server) || IsUsable(server))];

    string[] Urls => options.CurrentValue.Urls.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Null: no server of ours.</summary>
    public TurnServer? Find(string? url)
    {
        if (!TurnServer.TryRead(url, out var asked))
            return null;
        foreach (var server in Configured)
        {
            if (server.Name == asked.Name)
                return server;
        }
        return null;
    }

    /// <summary>Where nobody probes, clients are what tries a server that may be well again.</summary>
    bool IsUsable(TurnServer server) => CircuitOf(server.Name).State switch
    {
        CircuitState.Closed => true,
        CircuitState.HalfOpen => options.CurrentValue.ProbeEvery == TimeSpan.Zero,
        _ => false,
    };

    public CircuitBreaker CircuitOf(string name) => circuits.Get(CircuitPrefix + name);
}
