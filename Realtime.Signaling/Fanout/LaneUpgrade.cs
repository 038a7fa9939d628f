using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Puts the lanes of a connection below its WebSocket: when a request is upgraded the WebSocket is given a <see cref="LaneStream"/>, and the lanes write to the socket itself
/// where the host lets them, past Kestrel's, the WebSocket's and SignalR's buffers. To be used before <c>UseWebSockets</c>.
/// </summary>
public sealed class LaneUpgrade : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    readonly IHttpUpgradeFeature? _upgrade;
    readonly IHttpExtendedConnectFeature? _connect;
    readonly IFeatureCollection _features;
    readonly TimeProvider _time;
    readonly LaneRunner _runner;
    readonly TaskCompletionSource<ConnectionLanes> _lanes = new(TaskCreationOptions.RunContinuationsAsynchronously);

    LaneUpgrade(IFeatureCollection features, TimeProvider time, LaneRunner runner)
    {
        (_features, _time, _runner) = (features, time, runner);
        (_upgrade, _connect) = (features.Get<IHttpUpgradeFeature>(), features.Get<IHttpExtendedConnectFeature>());
    }

    /// <summary>The lanes of the connection, once the request is upgraded; cancelled when it is not.</summary>
    public Task<ConnectionLanes> Lanes => _lanes.Task;

    bool IHttpUpgradeFeature.IsUpgradableRequest => _upgrade?.IsUpgradableRequest ?? false;

    bool IHttpExtendedConnectFeature.IsExtendedConnect => _connect?.IsExtendedConnect ?? false;

    string? IHttpExtendedConnectFeature.Protocol => _connect?.Protocol;

    /// <summary>Prepares a request; whether it is upgraded is not known yet.</summary>
    public static void Prepare(HttpContext http, TimeProvider time, LaneRunner runner)
    {
        var made = new LaneUpgrade(http.Features, time, runner);
        http.Features.Set(made);
        if (made._upgrade is not null)
            http.Features.Set<IHttpUpgradeFeature>(made);
        if (made._connect is not null)
            http.Features.Set<IHttpExtendedConnectFeature>(made);
    }

    /// <summary>The request is not going to be upgraded.</summary>
    public void Abandon() => _lanes.TrySetCanceled();

    async Task<Stream> IHttpUpgradeFeature.UpgradeAsync()
    {
        var stream = await _upgrade!.UpgradeAsync();
        // Of a connection of one request in clear, with nothing but the host between us and the socket. Who speaks before it has heard the 101 spoils its own stream alone.
        var direct = _features.Get<ITlsHandshakeFeature>() is null ? _features.Get<IConnectionSocketFeature>()?.Socket : null;
        return Join(stream, direct is null ? null : new SocketPipeWriter(direct));
    }

    async ValueTask<Stream> IHttpExtendedConnectFeature.AcceptAsync() => Join(await _connect!.AcceptAsync(), null);

    LaneStream Join(Stream stream, PipeWriter? output)
    {
        var lanes = new ConnectionLanes(output ?? PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)), _time, _runner);
        _lanes.TrySetResult(lanes);
        return new LaneStream(stream, lanes);
    }
}
