using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// A connection's socket as a pipe without a pipe: a write is one <c>send</c> on the caller's thread that never blocks. Only what the socket does not take is copied and
/// sent when it has room; the flush ends then. Used by one caller at a time, who waits for a flush before the next write. Holds no memory between writes.
/// </summary>
sealed class SocketPipeWriter : PipeWriter
{
    const int SmallestBuffer = 512;

    readonly Socket _socket;
    byte[] _buffer = [];
    int _written;

    /// <param name="socket">Connected; nobody else writes to it. Closed by whoever accepted it.</param>
    public SocketPipeWriter(Socket socket)
    {
        _socket = socket;
        // Of synchronous calls alone: whoever reads from it asynchronously sees no difference.
        socket.Blocking = false;
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _written;

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

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_written == 0)
            return new(new FlushResult(isCanceled: false, isCompleted: false));
        var (buffer, written) = (_buffer, _written);
        (_buffer, _written) = ([], 0);
        if (!TrySend(buffer.AsSpan(0, written), out var sent))
            return SendRestAsync(buffer, sent, written, cancellationToken);
        ArrayPool<byte>.Shared.Return(buffer);
        return Done(sent, written);
    }

    /// <summary>Sends without a copy. The bytes may change once this has returned, whether its task has ended or not.</summary>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_written > 0)
            return base.WriteAsync(source, cancellationToken);
        if (TrySend(source.Span, out var sent))
            return Done(sent, source.Length);
        var rest = ArrayPool<byte>.Shared.Rent(source.Length - sent);
        source.Span[sent..].CopyTo(rest);
        return SendRestAsync(rest, 0, source.Length - sent, cancellationToken);
    }

    public override void CancelPendingFlush()
    {
        // A flush ends with the room in the socket, or with the socket.
    }

    public override void Complete(Exception? exception = null)
    {
        // The socket ends with the request that it belongs to.
    }

    /// <summary>False: the socket has no room for the rest. True: it took everything, or it is broken and takes nothing (<paramref name="sent"/> is less).</summary>
    bool TrySend(ReadOnlySpan<byte> bytes, out int sent)
    {
        sent = 0;
        try
        {
            while (sent < bytes.Length)
            {
                sent += _socket.Send(bytes[sent..], SocketFlags.None, out var error);
                if (error is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable)
                    return sent == bytes.Length;
                if (error != SocketError.Success)
                    return true;
            }
        }
        catch (ObjectDisposedException)
        {
            // The connection was torn down under us.
            sent = -1;
        }
        return true;
    }

    static ValueTask<FlushResult> Done(int sent, int of) => new(new FlushResult(isCanceled: false, isCompleted: sent != of));

    /// <param name="buffer">Of the pool; given back.</param>
    async ValueTask<FlushResult> SendRestAsync(byte[] buffer, int from, int to, CancellationToken cancellation)
    {
        try
        {
            while (from < to)
                from += await _socket.SendAsync(buffer.AsMemory(from, to - from), SocketFlags.None, cancellation);
            return new FlushResult(isCanceled: false, isCompleted: false);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return new FlushResult(isCanceled: false, isCompleted: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

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
