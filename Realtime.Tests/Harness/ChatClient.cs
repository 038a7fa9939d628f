using System.Net.Sockets;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>
/// A client as a user has one: it reconnects for ever, resumes where it was, and sends again, under the same id, what was
/// not acknowledged. Everything it does and sees goes into the <see cref="History"/>, unfiltered.
/// </summary>
public sealed partial class ChatClient : IAsyncDisposable
{
    readonly ChatClientOptions _options;
    readonly Random _random;
    readonly Lock _gate = new();
    readonly Dictionary<string, ChannelReading> _channels = [];
    readonly ChatOutbox _outbox;
    readonly CancellationTokenSource _ending = new();
    readonly Task _loops;
    TaskCompletionSource<HubClient> _online = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile HubClient? _hub;
    volatile Exception? _failure;
    string? _resumeToken;
    int _server;
    int _connections;
    int _resumptions;

    public ChatClient(ChatClientOptions options)
    {
        _options = options;
        _random = new Random(options.Seed);
        _server = options.FirstServer;
        _outbox = new ChatOutbox(options, OnlineAsync);
        _loops = Task.WhenAll(KeepConnectedAsync(), _outbox.RunAsync(_ending.Token));
    }

    public string Name => _options.Name;

    public History History => _options.History;

    /// <summary>The replica it is connected to, or was last.</summary>
    public Uri Server => _options.Servers[_server % _options.Servers.Count];

    public bool IsOnline => _online.Task.IsCompletedSuccessfully;

    /// <summary>How often it has come online.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How often that was as the same session.</summary>
    public int Resumptions => Volatile.Read(ref _resumptions);

    /// <summary>Why it has given up, if it has (it does so only on what no retry can cure).</summary>
    public Exception? Failure => _failure;

    /// <summary>Waits until it is online, and hands out the connection for calls beyond chat.</summary>
    public Task<HubClient> OnlineAsync(CancellationToken cancellation = default)
    {
        lock (_gate)
            return _online.Task.WaitAsync(cancellation);
    }

    /// <summary>Joins a channel and stays in it over reconnects.</summary>
    public async Task JoinAsync(string channel, CancellationToken cancellation = default)
    {
        var reading = new ChannelReading(_options, channel);
        lock (_gate)
            _channels.Add(channel, reading);
        while (!reading.IsJoined)
        {
            var hub = await OnlineAsync(cancellation);
            try
            {
                await reading.JoinAsync(hub, cancellation);
            }
            catch (HubConnectionException)
            {
                // Lost, or silent for too long: look again on the next connection.
                hub.Abort();
                await hub.Closed.WaitAsync(cancellation);
            }
            catch (HubCallException exception) when (ChatOutbox.IsTransient(exception.Error) || ChatOutbox.IsUncertain(exception.Error))
            {
                await Task.Delay(exception.Error.RetryAfterMs ?? 200, cancellation);
            }
            catch (HubCallException)
            {
                Forget(channel);
                throw;
            }
        }
    }

    /// <summary>A direct channel of this user's in which nothing was said yet: joined by nobody, it comes by itself.</summary>
    public void Follow(string direct)
    {
        var reading = new ChannelReading(_options, direct);
        reading.Adopt();
        lock (_gate)
            _channels.Add(direct, reading);
    }

    public bool IsIn(string channel)
    {
        lock (_gate)
            return _channels.TryGetValue(channel, out var reading) && reading.IsJoined;
    }

    /// <summary>Returns when the message is acknowledged, however many connections that takes.</summary>
    /// <exception cref="HubCallException">The server refused it for good.</exception>
    public Task<SendMessageResult> SendAsync(string channel, string text, CancellationToken cancellation = default) =>
        _outbox.SendAsync(channel, text).WaitAsync(cancellation);

    /// <summary>The last message of the channel that it was handed.</summary>
    public long PositionIn(string channel)
    {
        lock (_gate)
            return _channels.TryGetValue(channel, out var reading) ? reading.Position : 0;
    }

    /// <summary>Loses the connection as by a pulled cable; it reconnects by itself.</summary>
    public void Cut() => _hub?.Abort();

    /// <summary>Dies as a process does: the connection is reset and nobody comes back.</summary>
    public async Task KillAsync()
    {
        await _ending.CancelAsync();
        _hub?.Abort();
        await _loops;
        History.Add(new Observation.Died(Name, History.Now));
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        if (_hub is { } hub)
            await hub.CloseAsync();
        await _loops;
        _ending.Dispose();
    }

    async Task KeepConnectedAsync()
    {
        var failures = 0;
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(() => failures = 0);
            }
            catch (HubCallException exception) when (!ChatOutbox.IsTransient(exception.Error) && !ChatOutbox.IsUncertain(exception.Error))
            {
                _failure = exception;
                lock (_gate)
                    _online.TrySetException(exception);
                return;
            }
            catch (HubCallException exception)
            {
                await PauseAsync(TimeSpan.FromMilliseconds(exception.Error.RetryAfterMs ?? 200));
            }
            catch (Exception exception) when (exception is HubConnectionException or SocketException or OperationCanceledException)
            {
                // That is what this loop is for.
                _server++;
            }
            var most = TimeSpan.FromTicks(Math.Min(_options.MaxPause.Ticks, _options.FirstPause.Ticks << Math.Min(failures, 10)));
            failures++;
            await PauseAsync(_random.NextDouble() * most);
        }
    }

    /// <summary>One connection from connect to loss.</summary>
    async Task ServeAsync(Action succeeded)
    {
        await using var hub = await HubClient.ConnectAsync(new HubClientOptions(Server, _options.Token)
        {
            SourceAddress = _options.SourceAddress,
            ForwardedFor = _options.ForwardedFor,
            InvokeTimeout = _options.InvokeTimeout,
        }, _ending.Token);
        _hub = hub;
        var reading = ReadEventsAsync(hub);
        try
        {
            await GreetAsync(hub);
            succeeded();
            Interlocked.Increment(ref _connections);
            History.Add(new Observation.CameOnline(Name, History.Now));
            lock (_gate)
                _online.TrySetResult(hub);
            await hub.Closed.WaitAsync(_ending.Token);
            _server++;
        }
        finally
        {
            lock (_gate)
            {
                if (_online.Task.IsCompleted)
                    _online = new TaskCompletionSource<HubClient>(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            _hub = null;
            hub.Abort();
            await reading;
            lock (_gate)
            {
                foreach (var channel in _channels.Values)
                    channel.Disconnected();
            }
        }
    }

    async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _ending.Token);
        }
        catch (OperationCanceledException)
        {
            // Being disposed: the loop looks at the token.
            return;
        }
    }
}
