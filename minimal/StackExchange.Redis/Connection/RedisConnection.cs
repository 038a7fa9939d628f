using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using StackExchange.Redis.PubSub;
using StackExchange.Redis.Resp;

namespace StackExchange.Redis.Connection;

/// <summary>
/// One socket from connect to loss: one loop writes commands as they come, one reads answers and pushes. It never reconnects
/// and never throws out of <see cref="RunAsync"/>: whatever ends it is its result.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    const int FlushBytes = 64 << 10;

    readonly Stream _stream;
    readonly PipeReader _input;
    readonly PipeWriter _output;
    readonly RespReader _reader = new(RespLimits.Default);
    readonly CommandQueue _commands;
    readonly PushDispatcher _pushes;
    readonly CancellationTokenSource _ending;
    RedisConnectionException? _reason;
    long _lastRead = Environment.TickCount64;

    RedisConnection(EndPoint endPoint, Stream stream, CommandQueue commands, PushDispatcher pushes, CancellationToken cancellation)
    {
        EndPoint = endPoint;
        _stream = stream;
        _input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 32 << 10, minimumReadSize: 4 << 10, leaveOpen: true));
        _output = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: 16 << 10, leaveOpen: true));
        _commands = commands;
        _pushes = pushes;
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    public EndPoint EndPoint { get; }

    /// <summary>Milliseconds since anything arrived.</summary>
    public long SilentFor => Environment.TickCount64 - Volatile.Read(ref _lastRead);

    /// <summary>Connects, authenticates and subscribes.</summary>
    /// <exception cref="RedisConnectionException">It could not, or not in time.</exception>
    public static async Task<RedisConnection> OpenAsync(
        EndPoint endPoint, ConfigurationOptions options, Subscriptions subscriptions, CommandQueue commands, PushDispatcher pushes, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(options.ConnectTimeout);
        RedisConnection? connection = null;
        try
        {
            var stream = await ConnectAsync(endPoint, options, timeout.Token);
            connection = new RedisConnection(endPoint, stream, commands, pushes, cancellation);
            await connection.GreetAsync(options, subscriptions, timeout.Token);
            return connection;
        }
        catch (Exception exception)
        {
            if (connection is not null)
                await connection.DisposeAsync();
            cancellation.ThrowIfCancellationRequested();
            throw exception as RedisConnectionException
                ?? new RedisConnectionException(
                    exception is AuthenticationFailure ? ConnectionFailureType.AuthenticationFailure : ConnectionFailureType.UnableToConnect,
                    $"It was not possible to connect to {EndPointCollection.ToString(endPoint)}: "
                    + (timeout.IsCancellationRequested ? $"no success within {options.ConnectTimeout} ms." : exception.Message),
                    exception);
        }
    }

    /// <summary>Serves until the connection ends, and says why it did.</summary>
    public async Task<RedisConnectionException> RunAsync()
    {
        var reading = GuardAsync(ReadAsync);
        var writing = GuardAsync(WriteAsync);
        await Task.WhenAll(reading, writing);
        return _reason!;
    }

    /// <summary>Ends the connection; the first reason stands.</summary>
    public void Abort(RedisConnectionException reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
            _ending.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _input.CompleteAsync();
        _ending.Dispose();
    }

    static async Task<Stream> ConnectAsync(EndPoint endPoint, ConfigurationOptions options, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(endPoint, cancellation);
            // While its server is away, a port in the range of outgoing connections can be reached from itself (TCP's simultaneous open).
            if (Equals(socket.LocalEndPoint, socket.RemoteEndPoint))
                throw new SocketException((int)SocketError.ConnectionRefused);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (!options.Ssl)
                return stream;
            var tls = new SslStream(stream, leaveInnerStreamOpen: false);
            stream = tls;
            var authentication = new SslClientAuthenticationOptions
            {
                TargetHost = options.SslHost ?? EndPointCollection.Host(endPoint),
                RemoteCertificateValidationCallback = options.CertificateValidationCallback,
            };
            if (options.SslProtocols is { } protocols)
                authentication.EnabledSslProtocols = protocols;
            await tls.AuthenticateAsClientAsync(authentication, cancellation);
            return tls;
        }
        catch
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            throw;
        }
    }

    async Task GreetAsync(ConfigurationOptions options, Subscriptions subscriptions, CancellationToken cancellation)
    {
        List<RedisValue> hello = ["3"];
        if (options.Password is { Length: > 0 } password)
            hello.AddRange(["AUTH", options.User ?? "default", password]);
        if (options.ClientName is { Length: > 0 } name)
            hello.AddRange(["SETNAME", name.Replace(' ', '-')]);
        await AskAsync("HELLO", [.. hello], cancellation);
        if (options.DefaultDatabase is { } database and not 0)
            await AskAsync("SELECT", [database], cancellation);

        var channels = subscriptions.RequestAll();
        foreach (var channel in channels)
            RespWriter.WriteCommand(_output, Subscriptions.SubscribeCommand(channel), [channel.AsArgument()]);
        await _output.FlushAsync(cancellation);
        // Each is confirmed by a push; messages of channels already confirmed may come between.
        for (var confirmed = 0; confirmed < channels.Count;)
        {
            var push = await ReadOneAsync(cancellation);
            if (push.Kind == RespKind.Error)
                throw new RedisServerException(push.AsText());
            if (push.Kind == RespKind.Push && push.Items is [var kind, ..] && kind.AsText() is "subscribe" or "psubscribe")
                confirmed++;
            else
                _pushes.TryPost(push);
        }
    }

    async Task AskAsync(string name, RedisValue[] arguments, CancellationToken cancellation)
    {
        RespWriter.WriteCommand(_output, name, arguments);
        await _output.FlushAsync(cancellation);
        RespValue reply;
        do
            reply = await ReadOneAsync(cancellation);
        while (reply.Kind == RespKind.Push);
        if (reply.Kind != RespKind.Error)
            return;
        var error = reply.AsText();
        if (error.StartsWith("WRONGPASS", StringComparison.Ordinal) || error.StartsWith("NOAUTH", StringComparison.Ordinal) || error.StartsWith("NOPERM", StringComparison.Ordinal))
            throw new AuthenticationFailure(error);
        throw new RedisServerException(name == "HELLO" && error.StartsWith("ERR unknown command", StringComparison.Ordinal)
            ? "The server does not speak RESP3: Redis 6 or newer is needed."
            : error);
    }

    async Task<RespValue> ReadOneAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var result = await _input.ReadAsync(cancellation);
            var buffer = result.Buffer;
            var status = _reader.TryRead(ref buffer, out var value);
            _input.AdvanceTo(buffer.Start, status == RespStatus.Value ? buffer.Start : buffer.End);
            if (status == RespStatus.Value)
                return value;
            if (status == RespStatus.Malformed)
                throw new RedisConnectionException(ConnectionFailureType.ProtocolFailure, $"The server does not speak RESP3: {_reader.Error}.");
            if (result.IsCompleted)
                throw new RedisConnectionException(ConnectionFailureType.SocketClosed, "The server closed the connection.");
        }
    }

    async Task ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var result = await _input.ReadAsync(cancellation);
            Volatile.Write(ref _lastRead, Environment.TickCount64);
            var buffer = result.Buffer;
            RespStatus status;
            while ((status = _reader.TryRead(ref buffer, out var value)) == RespStatus.Value)
                Dispatch(value);
            if (status == RespStatus.Malformed)
                throw new RedisConnectionException(ConnectionFailureType.ProtocolFailure, $"The stream is not RESP3: {_reader.Error}.");
            _input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
                throw new RedisConnectionException(ConnectionFailureType.SocketClosed, "The server closed the connection.");
        }
    }

    void Dispatch(RespValue value)
    {
        if (value.Kind == RespKind.Push)
        {
            if (value.Items is not [var kind, ..] || !_commands.TryAnswerByPush(kind.AsText(), value))
                _pushes.TryPost(value);
        }
        else if (!_commands.TryAnswer(value))
        {
            throw new RedisConnectionException(ConnectionFailureType.ProtocolFailure, "The server answered a command that was not sent.");
        }
    }

    async Task WriteAsync(CancellationToken cancellation)
    {
        while (true)
        {
            while (_commands.TrySend(out var command))
            {
                RespWriter.WriteCommand(_output, command.Name, command.Arguments);
                if (_output.UnflushedBytes >= FlushBytes)
                    await _output.FlushAsync(cancellation);
            }
            if (_output.UnflushedBytes > 0)
                await _output.FlushAsync(cancellation);
            await _commands.WaitAsync(cancellation);
        }
    }

    async Task GuardAsync(Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_ending.Token);
        }
        catch (Exception exception)
        {
            Abort(exception switch
            {
                RedisConnectionException known => known,
                OperationCanceledException => new RedisConnectionException(ConnectionFailureType.ConnectionDisposed, "The connection was closed by the client."),
                IOException or SocketException => new RedisConnectionException(ConnectionFailureType.SocketFailure, $"The connection was lost: {exception.Message}", exception),
                _ => new RedisConnectionException(ConnectionFailureType.InternalFailure, $"The connection failed: {exception.Message}", exception),
            });
        }
    }

    sealed class AuthenticationFailure(string message) : Exception(message);
}
