namespace Aspire.Hosting.Runner;

/// <summary>The output of one process: <c>name.log</c>, moved to <c>name.1.log</c> at 20 MB, so at most 40 MB.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly long _limit;
    private FileStream _stream;

    public LogFile(string path, long limit = 20_000_000)
    {
        _path = path;
        _limit = limit;
        _stream = Open();
    }

    public string Name => _path;

    public string PreviousPath => Path.ChangeExtension(_path, ".1.log");

    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_stream.Length + bytes.Length > _limit)
            {
                _stream.Dispose();
                File.Move(_path, PreviousPath, overwrite: true);
                _stream = Open();
            }

            _stream.Write(bytes);
            _stream.Flush();
        }
    }

    public void Dispose()
    {
        lock (_lock)
            _stream.Dispose();
    }

    private FileStream Open() => new(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
}
