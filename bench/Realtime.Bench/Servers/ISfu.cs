namespace Realtime.Bench.Servers;

/// <summary>A server under load: one process, alone on the machine but for the generator.</summary>
interface ISfu : IRoomServer, IAsyncDisposable
{
    ServerProcess Process { get; }

    /// <summary>Starts the process and waits until it answers.</summary>
    Task StartAsync(CancellationToken stop);

    /// <summary>Bytes allocated so far by what forwards packets; null where that cannot be known.</summary>
    Task<long?> AllocatedBytesAsync();
}
