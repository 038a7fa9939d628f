using System.Buffers;
using System.IO.Pipelines;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// The output that SignalR sees: it collects what is written until the flush and hands it to the lanes as one piece of whole frames. Between answers it holds no memory. Used
/// by one caller at a time (SignalR holds its own write lock).
/// </summary>
public sealed class LanePipeWriter(ConnectionLanes lanes) : PipeWriter
{
    const int SmallestBuffer = 512;

    byte[] _buffer = [];
    int _written;
    bool _completion;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _written;

    /// <summary>What is being written is the answer to a call (see <see cref="ConnectionLanes.AfterCompletion"/>).</summary>
    public void MarkCompletion() => _completion = true;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(1, sizeHint));
        return _buffer.AsMemory(_written);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _buffer.Length - _written);
        _written += bytes;
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_written == 0)
            return new FlushResult(isCanceled: false, lanes.IsClosed);
        var (completion, buffer, written) = (_completion, _buffer, _written);
        (_completion, _buffer, _written) = (false, [], 0);
        // Copied before it returns, whether it is written or waits.
        var wait = lanes.WriteOwnAsync(buffer.AsMemory(0, written), completion);
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
        if (_buffer.Length - _written >= needed)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBuffer, Math.Max(_written + needed, _buffer.Length * 2)));
        _buffer.AsSpan(0, _written).CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

/// <summary>A transport whose output goes through the lanes.</summary>
public sealed class LaneDuplexPipe(PipeReader input, LanePipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
