namespace StackExchange.Redis.Resp;

/// <summary>What one reply may cost. A reply beyond a limit is malformed: the connection is reset, nothing grows.</summary>
/// <param name="MaxDepth">Aggregates inside aggregates.</param>
/// <param name="MaxBulkBytes">One bulk string. The protocol's own limit is 512 MB; nothing this code base stores comes near it.</param>
/// <param name="MaxReplyBytes">All bulk strings of one reply together.</param>
/// <param name="MaxElements">Elements of one reply, all levels together; memory is taken for this many at most before they arrive.</param>
/// <param name="MaxLineBytes">One line: a header, a number, a simple string or an error.</param>
internal sealed record RespLimits(int MaxDepth = 16, int MaxBulkBytes = 64 << 20, long MaxReplyBytes = 128 << 20, int MaxElements = 1 << 20, int MaxLineBytes = 64 << 10)
{
    public static RespLimits Default { get; } = new();
}
