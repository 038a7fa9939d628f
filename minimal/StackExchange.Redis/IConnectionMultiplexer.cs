namespace StackExchange.Redis;

/// <summary>The one shared client of a process: thread-safe, pipelined, reconnecting.</summary>
public interface IConnectionMultiplexer : IDisposable, IAsyncDisposable
{
    /// <summary>A connection was lost or could not be made.</summary>
    event EventHandler<ConnectionFailedEventArgs>? ConnectionFailed;

    /// <summary>There is a connection again; subscriptions are already back.</summary>
    event EventHandler<ConnectionFailedEventArgs>? ConnectionRestored;

    /// <summary>Something failed that no command can be told.</summary>
    event EventHandler<InternalErrorEventArgs>? InternalError;

    /// <summary>The configuration as text, without the password.</summary>
    string Configuration { get; }

    string ClientName { get; }

    bool IsConnected { get; }

    bool IsConnecting { get; }

    /// <exception cref="ArgumentException">Another database than the configured one (this stand-in has one connection).</exception>
    IDatabase GetDatabase(int db = -1, object? asyncState = null);

    ISubscriber GetSubscriber(object? asyncState = null);

    void Close(bool allowCommandsToComplete = true);

    Task CloseAsync(bool allowCommandsToComplete = true);
}
