namespace Aspire.Hosting.Runner;

/// <summary>The output of one process: <c>name.log</c>, moved to <c>name.1.log</c> at 20 MB, so at most 40 MB.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly long _limit;
    private FileStream _stream;

    public LogFile(string path, long limit = 20_000_000)
    {
        Path = path;
        _limit = limit;
        _stream = Open();
    }

    public string Path { get; }

    public string PreviousPath => System.IO.Path.ChangeExtension(Path, ".1.log");

    /// <summary>Bytes that could not be written, as with a full disk: the process goes on without them.</summary>
    public long Lost { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            try
            {
                if (_stream.Length + bytes.Length > _limit)
                {
                    _stream.Dispose();
                    File.Move(Path, PreviousPath, overwrite: true);
                    _stream = Open();
                }

                _stream.Write(bytes);
                _stream.Flush();
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException or UnauthorizedAccessException)
            {
                Lost += bytes.Length;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
            _stream.Dispose();
    }

    private FileStream Open() => new(Path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
}
