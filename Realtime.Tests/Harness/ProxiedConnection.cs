using System.Net;
using System.Net.Sockets;

namespace Realtime.Tests.Harness;

/// <summary>One connection through a <see cref="FaultProxy"/>.</summary>
internal sealed class ProxiedConnection(FaultProxy proxy, Socket client, IPAddress? source, int chunkBytes)
{
    /// <summary>A link that trickles hands on little at a time.</summary>
    const int TrickleBytes = 512;

    static readonly TimeSpan s_dialWithin = TimeSpan.FromSeconds(10);

    readonly Random _random = new(17);
    readonly CancellationTokenSource _ended = new();
    readonly Lock _gate = new();
    Socket? _server;
    bool _keepServer;

    public async Task RunAsync(EndPoint? target, CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, _ended.Token);
        try
        {
            if (target is null)
                return;
            var server = await DialAsync(target, stop.Token);
            var up = PumpAsync(client, server, toServer: true, stop.Token);
            var down = PumpAsync(server, client, toServer: false, stop.Token);
            await Task.WhenAny(up, down);
            // One direction may end first and the other go on (a half close); a fault ends both.
            if ((await Task.WhenAny(up, down)).IsFaulted)
                Reset();
            await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Volatile.Read(ref _keepServer))
                await Task.Delay(Timeout.Infinite, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The target cannot be reached: the client sees a reset, as from a dead server.
            Volatile.Write(ref _keepServer, false);
        }
        finally
        {
            Abort(client);
            Abort(_server);
            proxy.Ended(this);
        }
    }

    public void Reset()
    {
        Volatile.Write(ref _keepServer, false);
        _ended.Cancel();
    }

    public void LoseClient()
    {
        Volatile.Write(ref _keepServer, true);
        Abort(client);
    }

    async Task<Socket> DialAsync(EndPoint target, CancellationToken stop)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        lock (_gate)
            _server = server;
        if (source is not null)
            server.Bind(new IPEndPoint(source, 0));
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(s_dialWithin);
        await server.ConnectAsync(target, timeout.Token);
        return server;
    }

    async Task PumpAsync(Socket from, Socket to, bool toServer, CancellationToken stop)
    {
        var buffer = new byte[chunkBytes];
        try
        {
            while (true)
            {
                var size = proxy.Fault.BytesPerSecond > 0 ? TrickleBytes : buffer.Length;
                var read = await from.ReceiveAsync(buffer.AsMemory(0, size), SocketFlags.None, stop);
                await proxy.PassAsync(toServer, read, _random, stop);
                if (read == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }
                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None, stop);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException && Volatile.Read(ref _keepServer))
        {
            // The client was taken away; the server is to notice nothing.
            return;
        }
    }

    static void Abort(Socket? socket)
    {
        if (socket is null)
            return;
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Closed already: there is nothing left to reset.
            return;
        }
        socket.Dispose();
    }
}
