namespace StackExchange.Redis;

public enum ConnectionType
{
    None,
    Interactive,
    Subscription,
}

/// <summary>Why there is no connection.</summary>
public enum ConnectionFailureType
{
    None,
    UnableToResolvePhysicalConnection,
    SocketFailure,
    AuthenticationFailure,
    ProtocolFailure,
    InternalFailure,
    SocketClosed,
    ConnectionDisposed,
    Loading,
    UnableToConnect,
}
