namespace StackExchange.Redis;

/// <summary>Base of what can go wrong with Redis, except a timeout.</summary>
public class RedisException : Exception
{
    public RedisException(string message) : base(message) { }

    public RedisException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>There is no connection, or it died under the command (which then may have been executed).</summary>
public sealed class RedisConnectionException : RedisException
{
    public RedisConnectionException(ConnectionFailureType failureType, string message) : this(failureType, message, null) { }

    public RedisConnectionException(ConnectionFailureType failureType, string message, Exception? innerException, CommandStatus commandStatus = CommandStatus.Unknown)
        : base(message, innerException)
    {
        FailureType = failureType;
        CommandStatus = commandStatus;
    }

    public ConnectionFailureType FailureType { get; }

    public CommandStatus CommandStatus { get; }
}

/// <summary>The server answered with an error; the message begins with its code (<c>ERR</c>, <c>NOSCRIPT</c>, <c>WRONGTYPE</c> …).</summary>
public sealed class RedisServerException(string message) : RedisException(message);

/// <summary>No answer in time; the command may have been executed unless it was still waiting to be sent.</summary>
public sealed class RedisTimeoutException(string message, CommandStatus commandStatus) : TimeoutException(message)
{
    public CommandStatus CommandStatus { get; } = commandStatus;
}
