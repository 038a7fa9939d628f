using System.Net.WebSockets;
using Microsoft.AspNetCore.Http.Features;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Hubs;

/// <summary>
/// Remembers the accepted WebSocket, because its close status is the one thing that tells a user who left (a close frame came) from a network that broke; the
/// transport shows both as the end of the input. Whoever waits for the lanes of one that is not accepted is told.
/// </summary>
sealed class ObservedWebSocketFeature(IHttpWebSocketFeature inner, LaneUpgrade? upgrade) : IHttpWebSocketFeature
{
    WebSocket? _accepted;

    public bool IsWebSocketRequest => inner.IsWebSocketRequest;

    public async Task<WebSocket> AcceptAsync(WebSocketAcceptContext context)
    {
        try
        {
            return _accepted = await inner.AcceptAsync(context);
        }
        finally
        {
            if (_accepted is null)
                upgrade?.Abandon();
        }
    }

    public static bool ClosedByPeer(HttpContext http) =>
        http.Features.Get<IHttpWebSocketFeature>() is ObservedWebSocketFeature { _accepted.CloseStatus: WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.EndpointUnavailable };
}
