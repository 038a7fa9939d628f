using StackExchange.Redis.Resp;

namespace StackExchange.Redis.Connection;

/// <summary>One command on its way: what to send, and who waits for the answer.</summary>
/// <param name="name">One word; words that follow it are arguments.</param>
/// <param name="wanted">False when nobody takes an interest in the outcome.</param>
internal sealed class RedisCommand(string name, RedisValue[] arguments, bool wanted)
{
    readonly TaskCompletionSource<RespValue>? _completion = wanted ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;

    public string Name => name;

    public RedisValue[] Arguments => arguments;

    /// <summary>Bytes of the arguments.</summary>
    public long Size { get; } = arguments.Sum(argument => argument.Length());

    /// <summary><see cref="Environment.TickCount64"/> after which it has timed out.</summary>
    public long Deadline { get; set; }

    /// <summary>Its answer does not arrive as a reply but as a push of this kind (RESP3: SUBSCRIBE and its kin).</summary>
    public string? AnsweredByPush { get; init; }

    public bool IsCompleted { get; private set; }

    public Task<RespValue> Task => _completion?.Task ?? System.Threading.Tasks.Task.FromResult(RespValue.Null);

    public void Answer(RespValue reply)
    {
        if (reply.Kind == RespKind.Error)
        {
            Fail(new RedisServerException(reply.AsText()));
            return;
        }
        IsCompleted = true;
        _completion?.TrySetResult(reply);
    }

    public void Fail(Exception exception)
    {
        IsCompleted = true;
        // Looked at here so that a caller who has given up waiting leaves no unobserved exception behind.
        if (_completion?.TrySetException(exception) == true)
            _ = _completion.Task.Exception;
    }
}
