using System.Collections.Concurrent;
using Realtime.Media.Transport;

namespace Realtime.Media.Isolation;

/// <summary>TCP connections on their way into a worker's thread. Bounded: when <see cref="Capacity"/> wait, the next is refused and the listener closes it.</summary>
sealed class HandoverQueue(Action wake)
{
    const int Capacity = 256;

    readonly ConcurrentQueue<TcpHandover> waiting = new();
    bool closed;

    public bool TryAdd(TcpHandover handover)
    {
        if (waiting.Count >= Capacity || Volatile.Read(ref closed)) return false;
        waiting.Enqueue(handover);
        wake();
        return true;
    }

    public bool TryTake(out TcpHandover handover) => waiting.TryDequeue(out handover!);

    /// <summary>Nobody will take them any more.</summary>
    public void Close()
    {
        Volatile.Write(ref closed, true);
        while (waiting.TryDequeue(out var handover)) handover.Socket.Dispose();
    }
}
