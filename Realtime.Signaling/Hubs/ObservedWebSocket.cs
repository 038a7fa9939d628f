using System.Net.WebSockets;
using Microsoft.AspNetCore.Http.Features;

namespace Realtime.Signaling.Hubs;

/// <summary>
/// Remembers the accepted WebSocket, because its close status is the one thing that tells a user who left (a close frame came) from a network that broke; the
/// transport shows both as the end of the input.
/// </summary>
sealed class ObservedWebSocketFeature(IHttpWebSocketFeature inner) : IHttpWebSocketFeature
{
    WebSocket? _accepted;

    public bool IsWebSocketRequest => inner.IsWebSocketRequest;

    public async Task<WebSocket> AcceptAsync(WebSocketAcceptContext context) => _accepted = await inner.AcceptAsync(context);

    public static bool ClosedByPeer(HttpContext http) =>
        http.Features.Get<IHttpWebSocketFeature>() is ObservedWebSocketFeature { _accepted.CloseStatus: WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.EndpointUnavailable };
}
