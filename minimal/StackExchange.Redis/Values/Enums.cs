namespace StackExchange.Redis;

/// <summary>What to do with a command beyond running it.</summary>
[Flags]
public enum CommandFlags
{
    None = 0,
    /// <summary>The caller takes no interest in the outcome: the call returns a default value at once.</summary>
    FireAndForget = 2,
}

/// <summary>When a write happens.</summary>
public enum When
{
    Always,
    Exists,
    NotExists,
}

/// <summary>When an expiry is set.</summary>
public enum ExpireWhen
{
    Always,
    GreaterThanCurrentExpiry = 1 << 0,
    HasExpiry = 1 << 1,
    HasNoExpiry = 1 << 2,
    LessThanCurrentExpiry = 1 << 3,
}

/// <summary>Which ends of a range are left out.</summary>
[Flags]
public enum Exclude
{
    None = 0,
    Start = 1,
    Stop = 2,
    Both = Start | Stop,
}

public enum Order
{
    Ascending,
    Descending,
}

/// <summary>When a member of a sorted set is written.</summary>
[Flags]
public enum SortedSetWhen
{
    Always = 0,
    Exists = 1 << 0,
    GreaterThan = 1 << 1,
    LessThan = 1 << 2,
    NotExists = 1 << 3,
}

/// <summary>The type of a reply.</summary>
public enum ResultType : byte
{
    None = 0,
    SimpleString = 1,
    Error = 2,
    Integer = 3,
    BulkString = 4,
    Array = 5,
    Null = (1 << 3) | BulkString,
    Boolean = (1 << 3) | Integer,
    Double = (1 << 3) | SimpleString,
    BigInteger = (2 << 3) | SimpleString,
    Map = (1 << 3) | Array,
    Set = (2 << 3) | Array,
    Push = (4 << 3) | Array,
}

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

/// <summary>How far a command got.</summary>
public enum CommandStatus
{
    Unknown,
    WaitingToBeSent,
    Sent,
    WaitingInBacklog,
}
