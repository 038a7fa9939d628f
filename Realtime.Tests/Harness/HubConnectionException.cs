using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>The connection could not be made or was lost; a call in flight may or may not have been executed.</summary>
public sealed class HubConnectionException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The server refused a call.</summary>
public sealed class HubCallException(string method, RealtimeError error) : Exception($"{method}: {error.Code}: {error.Message}")
{
    public RealtimeError Error => error;
}
