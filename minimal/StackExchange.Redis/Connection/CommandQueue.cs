using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using StackExchange.Redis.Resp;

namespace StackExchange.Redis.Connection;

/// <summary>
/// The commands that wait to be sent and those that wait for their answer, in order. Bounded in number and bytes, both
/// together: when full, a new command is refused, so a server that has stopped answering cannot make it grow.
/// </summary>
internal sealed class CommandQueue
{
    public const int MaxCommands = 8192;
    public const long MaxBytes = 128 << 20;

    readonly Lock _gate = new();
    readonly Queue<RedisCommand> _waiting = new();
    readonly Queue<RedisCommand> _inFlight = new();
    readonly System.Threading.Channels.Channel<bool> _wake = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    long _bytes;
    bool _closed;

    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count + _inFlight.Count;
        }
    }

    public bool TryAdd(RedisCommand command)
    {
        lock (_gate)
        {
            if (_closed || _waiting.Count + _inFlight.Count >= MaxCommands || _bytes + command.Size > MaxBytes)
                return false;
            _waiting.Enqueue(command);
            _bytes += command.Size;
        }
        _wake.Writer.TryWrite(true);
        return true;
    }

    /// <summary>Waits until there may be something to send.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellation) => await _wake.Reader.ReadAsync(cancellation);

    /// <summary>The next command to write; from now on it counts as sent.</summary>
    public bool TrySend([NotNullWhen(true)] out RedisCommand? command)
    {
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out command))
                return false;
            _inFlight.Enqueue(command);
            return true;
        }
    }

    /// <summary>Answers the oldest command in flight; false when there is none, or it is one that only a push answers.</summary>
    public bool TryAnswer(RespValue reply) => TryAnswerHead(reply, null);

    /// <summary>Answers the oldest command in flight when a push of this kind is its answer.</summary>
    public bool TryAnswerByPush(string kind, RespValue push) => TryAnswerHead(push, kind);

    /// <summary>Fails everything whose time has come. A command in flight keeps its place: its answer may still arrive.</summary>
    /// <returns>How long the oldest command in flight has been overdue, in milliseconds; negative when it is not.</returns>
    public long Expire(long now, Func<RedisCommand, CommandStatus, Exception> timeout)
    {
        lock (_gate)
        {
            while (_waiting.TryPeek(out var waiting) && waiting.Deadline <= now)
            {
                _waiting.Dequeue();
                _bytes -= waiting.Size;
                waiting.Fail(timeout(waiting, CommandStatus.WaitingInBacklog));
            }
            foreach (var sent in _inFlight)
            {
                if (sent.Deadline > now)
                    break;
                if (!sent.IsCompleted)
                    sent.Fail(timeout(sent, CommandStatus.Sent));
            }
            return _inFlight.TryPeek(out var oldest) ? now - oldest.Deadline : -1;
        }
    }

    /// <summary>The connection is gone: what was sent may or may not have been executed and is never sent again.</summary>
    public void FailInFlight(Func<Exception> exception)
    {
        lock (_gate)
            Fail(_inFlight, exception);
    }

    public void FailWaiting(Func<Exception> exception)
    {
        lock (_gate)
            Fail(_waiting, exception);
    }

    /// <summary>Fails everything; from now on nothing is accepted.</summary>
    public void Close(Func<Exception> exception)
    {
        lock (_gate)
        {
            _closed = true;
            Fail(_waiting, exception);
            Fail(_inFlight, exception);
        }
    }

    // pushKind is null for a reply: that answers what no push answers, or refuses what one would have.
    bool TryAnswerHead(RespValue reply, string? pushKind)
    {
        RedisCommand? command;
        lock (_gate)
        {
            if (!_inFlight.TryPeek(out command))
                return false;
            if (command.AnsweredByPush != pushKind && (pushKind is not null || reply.Kind != RespKind.Error))
                return false;
            _inFlight.Dequeue();
            _bytes -= command.Size;
        }
        if (!command.IsCompleted)
            command.Answer(reply);
        return true;
    }

    void Fail(Queue<RedisCommand> commands, Func<Exception> exception)
    {
        while (commands.TryDequeue(out var command))
        {
            _bytes -= command.Size;
            if (!command.IsCompleted)
                command.Fail(exception());
        }
    }
}
