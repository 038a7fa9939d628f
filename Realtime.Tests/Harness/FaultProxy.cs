using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Realtime.Tests.Harness;

/// <summary>
/// A TCP proxy on a port of its own that does to its connections what networks do: resets, black holes in one direction or both, delay, a trickle, a closed door. Changes take
/// effect at once, for connections that exist too. What a black hole holds back arrives when it ends, as TCP would retransmit it.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    const int ChunkBytes = 16 << 10;

    readonly Socket _listener;
    readonly IPAddress? _source;
    readonly CancellationTokenSource _ending = new();
    readonly ConcurrentDictionary<ProxiedConnection, Task> _connections = new();
    readonly Task _accepting;
    volatile EndPoint? _target;
    volatile LinkFault _fault = LinkFault.None;
    TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="target">Null: set later; until then connections are reset.</param>
    /// <param name="source">The address to dial from, so that limits per address see whom they should.</param>
    public FaultProxy(EndPoint? target = null, IPAddress? source = null)
    {
        _target = target;
        _source = source;
        _listener = Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public Uri Http => new($"http://127.0.0.1:{Port}");

    public EndPoint? Target
    {
        get => _target;
        set => _target = value;
    }

    public int Connections => _connections.Count;

    /// <summary>What happens to everything that passes.</summary>
    public LinkFault Fault
    {
        get => _fault;
        set
        {
            _fault = value;
            Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            if (value.IsClosed)
                Reset();
        }
    }

    /// <summary>Every connection ends with a reset on both sides.</summary>
    public void Reset()
    {
        foreach (var connection in _connections.Keys)
            connection.Reset();
    }

    /// <summary>The client's side ends, the server's stays open and silent: a client that vanished without a word.</summary>
    public void LoseClients()
    {
        foreach (var connection in _connections.Keys)
            connection.LoseClient();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        Reset();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _ending.Dispose();
    }

    /// <summary>Waits while nothing passes in this direction, then as long as the link makes a chunk wait.</summary>
    internal async Task PassAsync(bool toServer, int bytes, Random random, CancellationToken ended)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (!_fault.Holds(toServer))
                break;
            await changed.WaitAsync(ended);
        }
        var pause = _fault.Pause(bytes, random);
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause, ended);
    }

    internal void Ended(ProxiedConnection connection) => _connections.TryRemove(connection, out _);

    static Socket Listen()
    {
        while (true)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                listener.Bind(new IPEndPoint(IPAddress.Loopback, FreePort.Tcp()));
                listener.Listen(512);
                return listener;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                listener.Dispose();
            }
        }
    }

    async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync(_ending.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                continue;
            }
            client.NoDelay = true;
            var connection = new ProxiedConnection(this, client, _source, ChunkBytes);
            var target = _fault.IsClosed ? null : _target;
            // Added before it runs, so that it finds itself when it ends.
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _connections[connection] = gone.Task;
            _ = connection.RunAsync(target, _ending.Token).ContinueWith(_ => gone.TrySetResult(), TaskScheduler.Default);
        }
    }
}
