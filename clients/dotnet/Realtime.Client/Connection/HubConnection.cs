using System.Text.Json;
using Realtime.Client.Background;
using Realtime.Contracts;

namespace Realtime.Client.Connection;

/// <summary>One logical connection: connects, says Hello, and after every loss does so again, for ever, until told not to.</summary>
sealed class HubConnection : IAsyncDisposable
{
    readonly RealtimeClientOptions _options;
    readonly Supervisor _supervisor;
    readonly TokenCache _tokens;
    readonly Func<HelloRequest> _hello;
    readonly Action<HelloResult> _welcomed;
    readonly Action<string, JsonElement> _handle;
    readonly Backoff _backoff;
    readonly Lock _gate = new();
    readonly Broadcast<ConnectionStatus> _statuses = new();
    TaskCompletionSource<HubSocket> _online = New();
    TaskCompletionSource? _pausing;
    HubSocket? _socket;
    HubSocket? _leaving;
    ConnectionStatus _status = new(ConnectionState.Connecting);
    bool _closed;

    /// <param name="hello">What to say in the next Hello.</param>
    /// <param name="welcomed">Hears each answer to it, before any call is made.</param>
    /// <param name="handle">Hears every event, in the order of arrival.</param>
    public HubConnection(RealtimeClientOptions options, Supervisor supervisor, TokenCache tokens, Func<HelloRequest> hello, Action<HelloResult> welcomed, Action<string, JsonElement> handle)
    {
        (_options, _supervisor, _tokens, _hello, _welcomed, _handle) = (options, supervisor, tokens, hello, welcomed, handle);
        _backoff = new Backoff(options.FirstPause, options.MaxPause);
    }

    public ConnectionStatus Status => Volatile.Read(ref _status);

    public IAsyncEnumerable<ConnectionStatus> Statuses => _statuses.ReadAsync(() => [Status]);

    public void Start() => _supervisor.Start(KeepConnectedAsync);

    /// <summary>Waits until calls are possible.</summary>
    /// <exception cref="RealtimeException">The connection is closed for good.</exception>
    public Task<HubSocket> OnlineAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            // It has ended, and the loop that made it does not know yet.
            if (!_closed && _online.Task is { IsCompletedSuccessfully: true, Result.Ended.IsCompleted: true })
                _online = New();
            return _online.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>Fails with <c>unavailable</c> at once when not connected: nothing was sent.</summary>
    public async Task<T> InvokeAsync<T>(string method, object argument, CancellationToken cancellation)
    {
        Task<HubSocket> online;
        lock (_gate)
            online = _online.Task;
        if (!online.IsCompleted)
            throw RealtimeException.NotConnected();
        return await (await online).InvokeAsync<T>(method, argument, cancellation);
    }

    /// <summary>For calls that may be repeated: waits for a connection, and tries again what may succeed, within <see cref="RealtimeClientOptions.CallTimeout"/>.</summary>
    public async Task<T> CallAsync<T>(string method, object argument, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_options.CallTimeout);
        var backoff = new Backoff(_options.FirstPause, _options.MaxPause);
        var last = RealtimeException.NotConnected();
        try
        {
            while (true)
            {
                try
                {
                    var socket = await OnlineAsync(timeout.Token);
                    last = RealtimeException.Unknown($"{method} was not answered within {_options.CallTimeout}.");
                    return await socket.InvokeAsync<T>(method, argument, timeout.Token);
                }
                catch (RealtimeException failure) when (failure.IsRetryable && !Volatile.Read(ref _closed))
                {
                    last = failure;
                }
                await Task.Delay(backoff.Next(last.RetryAfter ?? TimeSpan.Zero), timeout.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw last;
        }
    }

    /// <summary>Without an answer, and without a word when not connected: for what may get lost.</summary>
    public async Task TellAsync(string method, object argument, CancellationToken cancellation)
    {
        Task<HubSocket> online;
        lock (_gate)
            online = _online.Task;
        if (!online.IsCompletedSuccessfully)
            return;
        try
        {
            await online.Result.SendAsync(method, argument, cancellation);
        }
        catch (RealtimeException)
        {
            // Lost with the connection, as announced.
            return;
        }
    }

    /// <summary>The network is back, or somebody is impatient: try now.</summary>
    public void Wake() => Volatile.Read(ref _pausing)?.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        var socket = Volatile.Read(ref _socket);
        Volatile.Write(ref _leaving, socket);
        Close(new ConnectionStatus(ConnectionState.Closed));
        if (socket is not null)
            await socket.CloseAsync();
    }

    async Task KeepConnectedAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested && !Volatile.Read(ref _closed))
        {
            var (closing, error) = await AttemptAsync(cancellation);
            if (Volatile.Read(ref _closed))
                return;
            if (closing is { Reconnect: false, AfterMs: <= 0 } || error?.Code == ErrorCode.Forbidden || (error?.Code == ErrorCode.Unauthenticated && !_tokens.IsRenewable))
            {
                Close(new ConnectionStatus(ConnectionState.Closed, error, closing));
                return;
            }
            var asked = TimeSpan.FromMilliseconds(Math.Max(closing?.AfterMs ?? 0, error?.Error.RetryAfterMs ?? 0));
            var pause = _backoff.Next(asked);
            Set(new ConnectionStatus(ConnectionState.Reconnecting, error, closing, pause));
            await PauseAsync(pause, cancellation);
        }
    }

    /// <summary>One socket's life: returns when it has ended, saying why.</summary>
    async Task<(ClosingEvent? Closing, RealtimeException? Error)> AttemptAsync(CancellationToken cancellation)
    {
        await using var socket = new HubSocket(_options, _handle, _supervisor.Report);
        var running = Task.CompletedTask;
        using var living = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var renewal = Task.CompletedTask;
        try
        {
            var token = await GetTokenAsync(cancellation);
            using (var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
            {
                timeout.CancelAfter(_options.CallTimeout);
                await socket.OpenAsync(token, timeout.Token);
            }
            Volatile.Write(ref _socket, socket);
            running = socket.RunAsync();
            var welcome = await socket.InvokeAsync<HelloResult>("Hello", _hello(), cancellation);
            _backoff.Succeeded();
            _welcomed(welcome);
            GoOnline(socket);
            renewal = RenewAsync(socket, token, living.Token);
            await socket.Ended.WaitAsync(cancellation);
            return (socket.Closing, null);
        }
        catch (RealtimeException error)
        {
            if (error.Code == ErrorCode.Unauthenticated)
                _tokens.Refuse();
            return (socket.Closing, error);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            return (socket.Closing, new RealtimeException(new RealtimeError(ErrorCode.Unavailable, $"{_options.Server} did not answer within {_options.CallTimeout}."), exception));
        }
        finally
        {
            GoOffline();
            Volatile.Write(ref _socket, null);
            await living.CancelAsync();
            // Unless its goodbye is under way, nothing more is to be said.
            if (Volatile.Read(ref _leaving) != socket)
                socket.Abort();
            await running;
            await renewal;
        }
    }

    async Task<string> GetTokenAsync(CancellationToken cancellation)
    {
        try
        {
            return await _tokens.GetAsync(cancellation).WaitAsync(_options.CallTimeout, cancellation);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or RealtimeException))
        {
            throw new RealtimeException(new RealtimeError(ErrorCode.Unavailable, $"No token: {failure.Message}"), failure);
        }
    }

    /// <summary>Gives the server a newer token before the one in use ends, so that the connection goes on. When that fails to the last, the server closes and the next connection comes with a new one.</summary>
    async Task RenewAsync(HubSocket socket, string token, CancellationToken cancellation)
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(5), _options.MaxPause);
        try
        {
            while (_tokens.RenewIn(token) is { } pause)
            {
                await Task.Delay(pause, cancellation);
                try
                {
                    var newer = await GetTokenAsync(cancellation);
                    if (newer != token)
                        await socket.InvokeAsync<RefreshTokenResult>("RefreshToken", new RefreshTokenRequest(newer), cancellation);
                    token = newer;
                }
                catch (RealtimeException failure)
                {
                    _supervisor.Report(failure);
                    await Task.Delay(backoff.Next(failure.RetryAfter ?? TimeSpan.Zero), cancellation);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The connection has ended.
            return;
        }
    }

    void GoOnline(HubSocket socket)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _online.TrySetResult(socket);
        }
        Set(new ConnectionStatus(ConnectionState.Connected));
    }

    void GoOffline()
    {
        lock (_gate)
        {
            if (!_closed && _online.Task.IsCompleted)
                _online = New();
        }
    }

    void Close(ConnectionStatus status)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            if (_online.Task.IsCompleted)
                _online = New();
            _online.TrySetException(status.Error ?? RealtimeException.Closed());
            // Whoever does not ask is not to be told by the finalizer.
            _ = _online.Task.Exception;
        }
        Volatile.Read(ref _pausing)?.TrySetResult();
        Set(status);
        _statuses.Complete();
    }

    void Set(ConnectionStatus status)
    {
        Volatile.Write(ref _status, status);
        _statuses.Publish(status);
    }

    async Task PauseAsync(TimeSpan pause, CancellationToken cancellation)
    {
        var pausing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _pausing, pausing);
        if (!Volatile.Read(ref _closed))
            await Task.WhenAny(pausing.Task, Task.Delay(pause, cancellation));
        Volatile.Write(ref _pausing, null);
    }

    static TaskCompletionSource<HubSocket> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
