using System.Buffers;
using System.IO.Pipelines;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// The output that SignalR sees: it collects what is written until the flush and hands it to the lanes as one piece of whole frames. Used by one
/// caller at a time (SignalR holds its own write lock).
/// </summary>
public sealed class LanePipeWriter(ConnectionLanes lanes) : PipeWriter
{
    /// <summary>Buffers that grew beyond this for one big answer are let go again.</summary>
    const int KeepBytes = 16 * 1024;

    ArrayBufferWriter<byte> _buffer = new();
    bool _completion;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _buffer.WrittenCount;

    /// <summary>What is being written is the answer to a call (see <see cref="ConnectionLanes.AfterCompletion"/>).</summary>
    public void MarkCompletion() => _completion = true;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);

    public override void Advance(int bytes) => _buffer.Advance(bytes);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_buffer.WrittenCount == 0)
            return new FlushResult(isCanceled: false, lanes.IsClosed);
        var completion = _completion;
        _completion = false;
        var wait = lanes.WriteOwnAsync(_buffer.WrittenMemory, completion);
        if (_buffer.Capacity > KeepBytes)
            _buffer = new();
        else
            _buffer.ResetWrittenCount();
        await wait;
        return new FlushResult(isCanceled: false, isCompleted: false);
    }

    public override void CancelPendingFlush()
    {
        // Flushes only wait for room in the lane, which comes or ends with the connection.
    }

    public override void Complete(Exception? exception = null) => lanes.CompleteOwn();
}

/// <summary>A transport whose output goes through the lanes.</summary>
public sealed class LaneDuplexPipe(PipeReader input, LanePipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
