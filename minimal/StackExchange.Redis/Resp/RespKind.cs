namespace StackExchange.Redis.Resp;

/// <summary>The RESP3 types (redis.io/docs/latest/develop/reference/protocol-spec), each beside the byte that announces it.</summary>
internal enum RespKind : byte
{
    /// <summary><c>_</c>, and RESP2's <c>$-1</c> and <c>*-1</c>.</summary>
    Null,
    /// <summary><c>+</c></summary>
    SimpleString,
    /// <summary><c>-</c> and <c>!</c></summary>
    Error,
    /// <summary><c>:</c></summary>
    Integer,
    /// <summary><c>$</c>, and <c>=</c> (verbatim) without its three-letter prefix.</summary>
    BulkString,
    /// <summary><c>,</c></summary>
    Double,
    /// <summary><c>#</c></summary>
    Boolean,
    /// <summary><c>(</c></summary>
    BigNumber,
    /// <summary><c>*</c></summary>
    Array,
    /// <summary><c>%</c>: keys and values in turn.</summary>
    Map,
    /// <summary><c>~</c></summary>
    Set,
    /// <summary><c>&gt;</c>: out of band, never the answer to a command.</summary>
    Push,
    /// <summary><c>|</c>: about the reply that follows; read and dropped.</summary>
    Attribute,
}
