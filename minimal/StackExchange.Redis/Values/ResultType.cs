namespace StackExchange.Redis;

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
