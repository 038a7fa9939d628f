using Realtime.Bench.Servers;
using Realtime.Bench.Signaling.Load;

namespace Realtime.Bench.Signaling.Servers;

/// <summary>A server under load, alone on the machine but for the generator and what it itself needs.</summary>
interface IChatServer : IAsyncDisposable
{
    /// <summary>As in <c>--compare</c> and the report.</summary>
    string Name { get; }

    /// <summary>What its CPU and memory are read from.</summary>
    ServerProcess Process { get; }

    int Port { get; }

    bool IsDotNet { get; }

    ChatDialect Dialect { get; }

    /// <summary>Starts it and waits until it answers.</summary>
    Task StartAsync(CancellationToken stop);
}
