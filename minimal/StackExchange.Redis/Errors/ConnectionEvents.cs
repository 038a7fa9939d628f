using System.Net;

namespace StackExchange.Redis;

/// <summary>A connection was lost, could not be made, or came back.</summary>
public class ConnectionFailedEventArgs(EndPoint? endPoint, ConnectionType connectionType, ConnectionFailureType failureType, Exception? exception) : EventArgs
{
    public EndPoint? EndPoint => endPoint;

    public ConnectionType ConnectionType => connectionType;

    public ConnectionFailureType FailureType => failureType;

    public Exception? Exception => exception;
}

/// <summary>Something failed that no command can be told: a subscriber's handler threw, or published messages were dropped.</summary>
public class InternalErrorEventArgs(EndPoint? endPoint, ConnectionType connectionType, Exception exception, string origin) : EventArgs
{
    public EndPoint? EndPoint => endPoint;

    public ConnectionType ConnectionType => connectionType;

    public Exception Exception => exception;

    public string Origin => origin;
}
