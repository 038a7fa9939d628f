using System.Collections.Concurrent;
using Realtime.Media.Ice;

namespace Realtime.Media.Isolation;

/// <summary>
/// Which worker knows a ufrag: told by the workers, asked by the node's one TCP port for each new connection, never per packet. Bounded by
/// the peers: two each at most.
/// </summary>
public sealed class UfragDirectory
{
    readonly ConcurrentDictionary<UfragKey, int> workers = new();

    public bool TryFind(UfragKey ufrag, out int worker) => workers.TryGetValue(ufrag, out worker);

    internal void Add(UfragKey ufrag, int worker) => workers[ufrag] = worker;

    /// <summary>Unless another worker has it by now.</summary>
    internal void Remove(UfragKey ufrag, int worker) => workers.TryRemove(new KeyValuePair<UfragKey, int>(ufrag, worker));
}
