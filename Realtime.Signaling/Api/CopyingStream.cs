namespace Realtime.Signaling.Api;

/// <summary>Passes on what is written, and keeps a copy as long as it is no larger than <paramref name="atMost"/>.</summary>
sealed class CopyingStream(Stream inner, int atMost) : Stream
{
    MemoryStream? _copy = new();

    /// <summary>Null: it was larger.</summary>
    public byte[]? Copied => _copy?.ToArray();

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count)
    {
        Copy(buffer.AsSpan(offset, count));
        inner.Write(buffer, offset, count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Copy(buffer.Span);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    void Copy(ReadOnlySpan<byte> written)
    {
        if (_copy is null)
            return;
        if (_copy.Length + written.Length > atMost)
            _copy = null;
        else
            _copy.Write(written);
    }
}
