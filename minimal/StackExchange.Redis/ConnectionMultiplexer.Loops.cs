using StackExchange.Redis.Connection;

namespace StackExchange.Redis;

/// <summary>What runs in the background from construction to disposal. No loop ends by an exception.</summary>
public sealed partial class ConnectionMultiplexer
{
    /// <summary>A connection that lasted less counts as one more failed attempt, so that a server that hangs up at once is not hammered.</summary>
    static readonly TimeSpan s_stableAfter = TimeSpan.FromSeconds(1);

    static readonly TimeSpan s_pauseOfFirstConnect = TimeSpan.FromMilliseconds(100);

    async Task KeepConnectedAsync(CancellationToken cancellation)
    {
        long failures = 0;
        for (var attempt = 0; !cancellation.IsCancellationRequested; attempt++)
        {
            var endPoint = _options.EndPoints[attempt % _options.EndPoints.Count];
            var started = Environment.TickCount64;
            RedisConnectionException reason;
            try
            {
                var connection = await RedisConnection.OpenAsync(endPoint, _options, _subscriptions, _commands, _pushes, cancellation);
                Connected(EndPointCollection.ToString(endPoint));
                reason = await ServeAsync(connection);
                if (Environment.TickCount64 - started >= s_stableAfter.TotalMilliseconds)
                    failures = -1;
            }
            catch (RedisConnectionException exception)
            {
                reason = exception;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception)
            {
                reason = new RedisConnectionException(ConnectionFailureType.InternalFailure, exception.Message, exception);
            }
            if (cancellation.IsCancellationRequested)
                return;
            RaiseFailed(endPoint, reason);
            failures++;
            if (failures > 0 && !_firstOutcome.Task.IsCompleted)
                SettleFirstConnect(failures, reason);
            if (failures > 0)
                await PauseAsync(failures, cancellation);
        }
    }

    async Task<RedisConnectionException> ServeAsync(RedisConnection connection)
    {
        await using var open = connection;
        _connection = connection;
        if (!_firstOutcome.TrySetResult())
            Raise(ConnectionRestored, new ConnectionFailedEventArgs(connection.EndPoint, ConnectionType.Interactive, ConnectionFailureType.None, null));
        var reason = await connection.RunAsync();
        _connection = null;
        _commands.FailInFlight(() => new RedisConnectionException(reason.FailureType, reason.Message, reason.InnerException, CommandStatus.Sent));
        if (!_options.BacklogPolicy.QueueWhileDisconnected)
            _commands.FailWaiting(() => NoConnection("The connection was lost before the command was sent."));
        return reason;
    }

    void SettleFirstConnect(long failures, RedisConnectionException reason)
    {
        if (!_options.AbortOnConnectFail)
            _firstOutcome.TrySetResult();
        else if (failures >= _options.ConnectRetry)
            _firstOutcome.TrySetException(reason);
    }

    async Task PauseAsync(long failures, CancellationToken cancellation)
    {
        var started = Environment.TickCount64;
        try
        {
            if (!_firstOutcome.Task.IsCompleted)
            {
                await Task.Delay(s_pauseOfFirstConnect, cancellation);
                return;
            }
            while (!_options.ReconnectRetryPolicy.ShouldRetry(failures - 1, (int)Math.Min(int.MaxValue, Environment.TickCount64 - started)))
                await Task.Delay(BeatInterval, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Closing: the caller looks at the token.
        }
        catch (Exception exception)
        {
            // A policy that throws must not stop the reconnecting.
            InternalFailure(exception, nameof(ConfigurationOptions.ReconnectRetryPolicy));
            await Task.Delay(s_stableAfter, CancellationToken.None);
        }
    }

    TimeSpan BeatInterval
    {
        get
        {
            var fine = TimeSpan.FromMilliseconds(Math.Clamp(_options.AsyncTimeout / 8, 10, 1000));
            return _options.HeartbeatInterval < fine ? _options.HeartbeatInterval : fine;
        }
    }

    /// <summary>Timeouts, the detection of a connection that is dead but does not know it, keep-alive, lost subscriptions.</summary>
    async Task BeatAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(BeatInterval);
        var resubscribing = Task.CompletedTask;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellation);
                var overdue = _commands.Expire(Environment.TickCount64, Timeout);
                if (_connection is not { } connection)
                    continue;
                if (overdue > _options.AsyncTimeout && connection.SilentFor > _options.AsyncTimeout)
                    connection.Abort(new RedisConnectionException(ConnectionFailureType.SocketFailure, $"The server has been silent for {connection.SilentFor} ms."));
                else if (connection.SilentFor > _options.KeepAliveInterval.TotalMilliseconds && _commands.Count == 0)
                    await SendAsync("PING", [], CommandFlags.FireAndForget);
                if (resubscribing.IsCompleted)
                    resubscribing = ResubscribeAsync();
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (Exception exception)
            {
                InternalFailure(exception, "heartbeat");
            }
        }
        await resubscribing;
    }

    async Task ResubscribeAsync()
    {
        try
        {
            await _subscriptions.RequestMissingAsync(channel => RequestSubscriptionAsync(channel, CommandFlags.None));
        }
        catch (Exception exception) when (exception is RedisConnectionException or RedisTimeoutException or ObjectDisposedException)
        {
            // Still marked as missing: the next beat, or the next connection, asks again.
            InternalFailure(exception, "resubscribe");
        }
        catch (Exception exception)
        {
            ReportInternalError(exception, "resubscribe");
        }
    }

    async Task DispatchAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await _pushes.RunAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception)
            {
                ReportInternalError(exception, "dispatcher");
            }
        }
    }
}
