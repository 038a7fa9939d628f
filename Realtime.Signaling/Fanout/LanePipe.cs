using System.Buffers;
using System.IO.Pipelines;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// The output that SignalR sees: it collects what is written until the flush and hands it to the lanes as one WebSocket frame. Between answers it holds no memory. Used
/// by one caller at a time (SignalR holds its own write lock).
/// </summary>
public sealed class LanePipeWriter(ConnectionLanes lanes) : PipeWriter
{
    const int SmallestBuffer = 512;

    /// <summary>What is written stands behind the room for its frame's head.</summary>
    byte[] _buffer = [];
    int _end = WebSocketFrame.MaxHeader;
    bool _completion;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _end - WebSocketFrame.MaxHeader;

    /// <summary>What is being written is the answer to a call (see <see cref="ConnectionLanes.AfterCompletion"/>).</summary>
    public void MarkCompletion() => _completion = true;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(1, sizeHint));
        return _buffer.AsMemory(_end);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Math.Max(0, _buffer.Length - _end));
        _end += bytes;
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var payload = _end - WebSocketFrame.MaxHeader;
        if (payload == 0)
            return new FlushResult(isCanceled: false, lanes.IsClosed);
        var (completion, buffer) = (_completion, _buffer);
        (_completion, _buffer, _end) = (false, [], WebSocketFrame.MaxHeader);
        var start = WebSocketFrame.MaxHeader - WebSocketFrame.HeaderLength(payload);
        WebSocketFrame.WriteHeader(buffer.AsSpan(start), payload);
        // Copied before it returns, whether it is written or waits.
        var wait = lanes.WriteOwnAsync(buffer.AsMemory(start, WebSocketFrame.MaxHeader - start + payload), completion);
        ArrayPool<byte>.Shared.Return(buffer);
        await wait;
        return new FlushResult(isCanceled: false, isCompleted: false);
    }

    public override void CancelPendingFlush()
    {
        // Flushes only wait for room in the lane, which comes or ends with the connection.
    }

    public override void Complete(Exception? exception = null) => lanes.CompleteOwn();

    void Grow(int needed)
    {
        if (_buffer.Length - _end >= needed)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBuffer, Math.Max(_end + needed, _buffer.Length * 2)));
        if (_buffer.Length > 0)
        {
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
        }
        _buffer = larger;
    }
}

/// <summary>A transport whose output goes through the lanes.</summary>
public sealed class LaneDuplexPipe(PipeReader input, LanePipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
