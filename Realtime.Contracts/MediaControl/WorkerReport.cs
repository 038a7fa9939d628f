namespace Realtime.Contracts.MediaControl;

/// <summary>What one worker of a node has done since it started: for operators and load tests.</summary>
/// <param name="Messages">Calls' worth of datagrams: fewer than datagrams where runs for one subscriber were sent as one.</param>
/// <param name="SendDrops">Datagrams given up because the socket took no more.</param>
/// <param name="AllocatedBytes">By the worker's thread on the managed heap; it stands still while packets are only forwarded.</param>
/// <param name="Latency">Since the start.</param>
/// <param name="DropsByReason">Datagrams that went no further; reasons that never happened are left out.</param>
/// <param name="RelayedIn">Media packets that came over links from other parts of rooms, on other workers and nodes: each track once, however many watch it here.</param>
public sealed record WorkerReport(
    int Worker, int Rooms, int Peers, long DatagramsIn, long DatagramsOut, long Messages, long SendDrops, long SendErrors, long AllocatedBytes,
    long FaultsContained = 0, ForwardingLatency? Latency = null, IReadOnlyDictionary<string, long>? DropsByReason = null, long RelayedIn = 0);
