using Realtime.Signaling.Auth;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Sessions;

/// <summary>One open connection to the hub, from the upgrade to its end; with a session once it has said Hello.</summary>
public sealed class HubConnection(string id, UserToken token, string clientKey, ConnectionLanes lanes, DateTimeOffset connectedAt)
{
    volatile HubSession? _session;
    volatile bool _closedByClient;

    public string Id => id;
    public UserToken Token => token;

    /// <summary>What limits per address count by.</summary>
    public string ClientKey => clientKey;

    public ConnectionLanes Lanes => lanes;
    public DateTimeOffset ConnectedAt => connectedAt;
    public HubSession? Session => _session;

    /// <summary>A WebSocket close frame came: the user left on purpose (or closed the tab), the session ends with the connection.</summary>
    public bool ClosedByClient
    {
        get => _closedByClient;
        set => _closedByClient = value;
    }

    public void Attach(HubSession session) => _session = session;
}
