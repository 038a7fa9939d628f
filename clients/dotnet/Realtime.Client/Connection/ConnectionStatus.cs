using Realtime.Contracts;

namespace Realtime.Client.Connection;

public enum ConnectionState
{
    Connecting,
    Connected,
    /// <summary>Lost, and coming back by itself.</summary>
    Reconnecting,
    /// <summary>For good.</summary>
    Closed,
}

/// <param name="Error">Why it is not connected, when that is known.</param>
/// <param name="Closing">Why the server closed, as it said itself.</param>
/// <param name="RetryIn">When the next attempt starts.</param>
public sealed record ConnectionStatus(ConnectionState State, RealtimeException? Error = null, ClosingEvent? Closing = null, TimeSpan? RetryIn = null);
