using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis.Connection;
using StackExchange.Redis.Database;
using StackExchange.Redis.PubSub;
using StackExchange.Redis.Resp;

namespace StackExchange.Redis;

/// <summary>
/// One RESP3 connection for commands and pushes, made again for as long as it takes. Commands that were on their way when it
/// was lost fail with <see cref="RedisConnectionException"/>, because they may have been executed; they are never sent again.
/// </summary>
public sealed partial class ConnectionMultiplexer : IConnectionMultiplexer
{
    readonly ConfigurationOptions _options;
    readonly ILogger _logger;
    readonly CommandQueue _commands = new();
    readonly Subscriptions _subscriptions = new();
    readonly PushDispatcher _pushes;
    readonly RedisDatabase _database;
    readonly RedisSubscriber _subscriber;
    readonly CancellationTokenSource _closing = new();
    readonly TaskCompletionSource _firstOutcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Task _running;
    volatile RedisConnection? _connection;
    int _disposed;

    ConnectionMultiplexer(ConfigurationOptions options)
    {
        if (options.EndPoints.Count == 0)
            throw new ArgumentException("No endpoints specified", nameof(options));
        _options = options;
        _logger = options.LoggerFactory?.CreateLogger<ConnectionMultiplexer>() ?? (ILogger)NullLogger.Instance;
        _pushes = new PushDispatcher(_subscriptions, ReportInternalError);
        _database = new RedisDatabase(this, options.DefaultDatabase ?? 0);
        _subscriber = new RedisSubscriber(this, _subscriptions);
        _running = Task.WhenAll(
            Task.Run(() => KeepConnectedAsync(_closing.Token)),
            Task.Run(() => BeatAsync(_closing.Token)),
            Task.Run(() => DispatchAsync(_closing.Token)));
    }

    public event EventHandler<ConnectionFailedEventArgs>? ConnectionFailed;

    public event EventHandler<ConnectionFailedEventArgs>? ConnectionRestored;

    public event EventHandler<InternalErrorEventArgs>? InternalError;

    public string Configuration => _options.ToString(includePassword: false);

    public string ClientName => _options.ClientName ?? "";

    public bool IsConnected => _connection is not null;

    public bool IsConnecting => _connection is null && !_closing.IsCancellationRequested;

    /// <exception cref="RedisConnectionException">No server could be reached and <see cref="ConfigurationOptions.AbortOnConnectFail"/> is set.</exception>
    public static Task<ConnectionMultiplexer> ConnectAsync(string configuration, TextWriter? log = null) =>
        ConnectAsync(ConfigurationOptions.Parse(configuration), log);

    /// <inheritdoc cref="ConnectAsync(string, TextWriter?)"/>
    public static async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions configuration, TextWriter? log = null)
    {
        var multiplexer = new ConnectionMultiplexer(configuration.Clone());
        try
        {
            await multiplexer._firstOutcome.Task;
            log?.WriteLine(multiplexer.IsConnected ? "Connected." : "Not connected: trying in the background.");
            return multiplexer;
        }
        catch
        {
            await multiplexer.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="ConnectAsync(string, TextWriter?)"/>
    public static ConnectionMultiplexer Connect(string configuration, TextWriter? log = null) => ConnectAsync(configuration, log).GetAwaiter().GetResult();

    /// <inheritdoc cref="ConnectAsync(string, TextWriter?)"/>
    public static ConnectionMultiplexer Connect(ConfigurationOptions configuration, TextWriter? log = null) => ConnectAsync(configuration, log).GetAwaiter().GetResult();

    public IDatabase GetDatabase(int db = -1, object? asyncState = null) =>
        db == -1 || db == _database.Database ? _database : throw new ArgumentException($"Only database {_database.Database} is configured.", nameof(db));

    public ISubscriber GetSubscriber(object? asyncState = null) => _subscriber;

    public void Close(bool allowCommandsToComplete = true) => CloseAsync(allowCommandsToComplete).GetAwaiter().GetResult();

    public async Task CloseAsync(bool allowCommandsToComplete = true)
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await _running;
            return;
        }
        // A PING queued last: when it is answered, so is everything before it.
        if (allowCommandsToComplete && IsConnected)
            await SendAsync("PING", []).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await _closing.CancelAsync();
        await _running;
        _commands.Close(static () => new ObjectDisposedException(nameof(ConnectionMultiplexer)));
        _subscriptions.Close();
        _closing.Dispose();
    }

    public void Dispose() => Close(allowCommandsToComplete: false);

    public async ValueTask DisposeAsync() => await CloseAsync(allowCommandsToComplete: false);

    internal Task<RespValue> SendAsync(string name, RedisValue[] arguments, CommandFlags flags = CommandFlags.None) =>
        SendAsync(new RedisCommand(name, arguments, wanted: (flags & CommandFlags.FireAndForget) == 0));

    internal Task RequestSubscriptionAsync(RedisChannel channel, CommandFlags flags) =>
        SendSubscriptionAsync(Subscriptions.SubscribeCommand(channel), channel, flags);

    internal Task RequestUnsubscriptionAsync(RedisChannel channel, CommandFlags flags) =>
        SendSubscriptionAsync(Subscriptions.UnsubscribeCommand(channel), channel, flags);

    internal void ReportInternalError(Exception exception, string origin)
    {
        InternalFailure(exception, origin);
        Raise(InternalError, new InternalErrorEventArgs(_connection?.EndPoint, ConnectionType.Interactive, exception, origin));
    }

    Task SendSubscriptionAsync(string command, RedisChannel channel, CommandFlags flags) =>
        SendAsync(new RedisCommand(command, [channel.AsArgument()], wanted: (flags & CommandFlags.FireAndForget) == 0)
        {
            AnsweredByPush = command.ToLowerInvariant(),
        });

    Task<RespValue> SendAsync(RedisCommand command)
    {
        command.Deadline = Environment.TickCount64 + _options.AsyncTimeout;
        if (!IsConnected && !_options.BacklogPolicy.QueueWhileDisconnected)
            command.Fail(NoConnection($"No connection is active/available to service this operation: {command.Name}"));
        else if (!_commands.TryAdd(command))
            command.Fail(_closing.IsCancellationRequested
                ? new ObjectDisposedException(nameof(ConnectionMultiplexer))
                : NoConnection($"The queue of commands is full ({CommandQueue.MaxCommands} commands or {CommandQueue.MaxBytes} bytes): {command.Name}"));
        return command.Task;
    }

    static RedisConnectionException NoConnection(string message) =>
        new(ConnectionFailureType.UnableToResolvePhysicalConnection, message, null, CommandStatus.WaitingToBeSent);

    RedisTimeoutException Timeout(RedisCommand command, CommandStatus status) => new(
        string.Create(CultureInfo.InvariantCulture, $"Timeout awaiting response to {command.Name} ({_options.AsyncTimeout} ms, {(status == CommandStatus.Sent ? "sent" : "not sent")}, connected: {IsConnected})"),
        status);

    void RaiseFailed(EndPoint endPoint, RedisConnectionException reason)
    {
        Disconnected(EndPointCollection.ToString(endPoint), reason.FailureType, reason.Message);
        Raise(ConnectionFailed, new ConnectionFailedEventArgs(endPoint, ConnectionType.Interactive, reason.FailureType, reason));
    }

    void Raise<T>(EventHandler<T>? handlers, T arguments)
    {
        try
        {
            handlers?.Invoke(this, arguments);
        }
        catch (Exception exception)
        {
            InternalFailure(exception, "event handler");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis: connected to {EndPoint}")]
    partial void Connected(string endPoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis: no connection to {EndPoint}: {FailureType}: {Reason}")]
    partial void Disconnected(string endPoint, ConnectionFailureType failureType, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Redis: {Origin} failed")]
    partial void InternalFailure(Exception exception, string origin);
}
