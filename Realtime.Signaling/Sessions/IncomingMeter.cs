using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Sessions;

/// <summary>What is noticed of what a connection sends.</summary>
public enum IncomingSign
{
    /// <summary>The input ended; before anybody else learns of it.</summary>
    Ended,
    /// <summary>SignalR's Close came: whoever says that leaves on purpose, even if the WebSocket's own close comes too late or not at all.</summary>
    Farewell,
    /// <summary>More messages or bytes than any client sends; once, before the reader sees it.</summary>
    Flooded,
    /// <summary>A message that is too large, and not over yet; once, before the reader sees it.</summary>
    TooLarge,
}

/// <summary>
/// Watches what a connection sends before anybody parses it: messages and bytes per second, the size of one message, and when the last byte came. Pings and messages
/// that are no calls pass no other limit.
/// </summary>
public sealed class IncomingMeter(PipeReader inner, Limits limits, long largest, TimeProvider time, Action<IncomingSign> noticed) : PipeReader
{
    const byte Separator = 0x1e;

    /// <summary>More than a Close with its error takes.</summary>
    const int MaxCloseBytes = 256;

    ReadOnlySequence<byte> _given;
    long _known;
    long _messages;
    long _bytes;
    long _unfinished;
    long _heardAt = time.GetTimestamp();
    bool _reported;

    public TimeSpan SilentFor => time.GetElapsedTime(Volatile.Read(ref _heardAt));

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(cancellationToken);
        if (!read.IsCompletedSuccessfully)
            return WaitAsync(read);
        var result = read.Result;
        Look(result);
        return new(result);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result))
            return false;
        Look(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _known = _given.IsEmpty ? 0 : _given.Slice(consumed).Length;
        _given = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <summary>Every connection waits here nearly always, so what waits is used again.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> read)
    {
        var result = await read;
        Look(result);
        return result;
    }

    void Look(in ReadResult result)
    {
        if (result.IsCompleted)
            noticed(IncomingSign.Ended);
        _given = result.Buffer;
        var fresh = _given.Length - _known;
        if (fresh <= 0 || _reported)
            return;
        Volatile.Write(ref _heardAt, time.GetTimestamp());
        if (EndsWithClose(_given))
            noticed(IncomingSign.Farewell);
        var messages = Count(_given.Slice(_known));
        var now = time.GetUtcNow();
        if (!Admit(ref _messages, limits.IncomingMessages, messages, now) || !Admit(ref _bytes, limits.IncomingBytes, fresh, now))
            Report(IncomingSign.Flooded);
        else if (_unfinished > largest)
            Report(IncomingSign.TooLarge);
    }

    void Report(IncomingSign sign)
    {
        _reported = true;
        noticed(sign);
    }

    /// <summary>Whether the last thing said is <c>{"type":7…}</c>.</summary>
    static bool EndsWithClose(in ReadOnlySequence<byte> given)
    {
        Span<byte> end = stackalloc byte[MaxCloseBytes];
        end = end[..(int)Math.Min(given.Length, MaxCloseBytes)];
        given.Slice(given.Length - end.Length).CopyTo(end);
        if (end[^1] != Separator)
            return false;
        var message = end[..^1];
        return message[(message.LastIndexOf(Separator) + 1)..].StartsWith("{\"type\":7"u8);
    }

    long Count(in ReadOnlySequence<byte> fresh)
    {
        var messages = 0L;
        foreach (var segment in fresh)
        {
            var span = segment.Span;
            messages += span.Count(Separator);
            var last = span.LastIndexOf(Separator);
            _unfinished = last < 0 ? _unfinished + span.Length : span.Length - last - 1;
        }
        return messages;
    }

    static bool Admit(ref long arrival, RateLimit limit, long permits, DateTimeOffset now)
    {
        if (Gcra.Admit(arrival, limit, now, permits, out _) is not { } next)
            return false;
        arrival = next;
        return true;
    }
}
