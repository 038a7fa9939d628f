using System.IO.Pipelines;
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

/// <summary>Calls back when the input ends, before anybody else learns of it.</summary>
sealed class ClosingPipeReader(PipeReader inner, Action ended) : PipeReader
{
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var result = await inner.ReadAsync(cancellationToken);
        if (result.IsCompleted)
            ended();
        return result;
    }

    public override bool TryRead(out ReadResult result)
    {
        var read = inner.TryRead(out result);
        if (read && result.IsCompleted)
            ended();
        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
