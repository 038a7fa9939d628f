using Realtime.Signaling.Auth;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Sessions;

/// <summary>One open connection to the hub, from the upgrade to its end; with a session once it has said Hello.</summary>
public sealed class HubConnection(string id, UserToken token, string clientKey, ConnectionLanes lanes, DateTimeOffset connectedAt)
{
    volatile HubSession? _session;
    volatile UserToken _token = token;
    volatile bool _closedByClient;
    Conduct? _conduct;

    public string Id => id;

    /// <summary>What the user may: the token it came with, or a newer one of the same user.</summary>
    public UserToken Token => _token;

    /// <summary>What limits per address count by.</summary>
    public string ClientKey => clientKey;

    public ConnectionLanes Lanes => lanes;
    public DateTimeOffset ConnectedAt => connectedAt;
    public HubSession? Session => _session;

    /// <summary>What comes in, once it is read.</summary>
    public IncomingMeter? Incoming { get; set; }

    /// <summary>What it has done wrong lately.</summary>
    public Conduct Conduct => _conduct ?? Interlocked.CompareExchange(ref _conduct, new Conduct(), null) ?? _conduct;

    /// <summary>A WebSocket close frame came: the user left on purpose (or closed the tab), the session ends with the connection.</summary>
    public bool ClosedByClient
    {
        get => _closedByClient;
        set => _closedByClient = value;
    }

    /// <summary>It is over: no session is given to it any more. Set under the lock of <see cref="HubConnections"/>.</summary>
    internal bool HasEnded { get; set; }

    public void Attach(HubSession session) => _session = session;

    public void Refresh(UserToken newer) => _token = newer;
}
