namespace Realtime.Contracts.MediaControl;

/// <summary>What one worker of a node has done since it started: for operators and load tests.</summary>
/// <param name="Messages">Calls' worth of datagrams: fewer than datagrams where runs for one subscriber were sent as one.</param>
/// <param name="SendDrops">Datagrams given up because the socket took no more.</param>
/// <param name="AllocatedBytes">By the worker's thread on the managed heap; it stands still while packets are only forwarded.</param>
public sealed record WorkerReport(
    int Worker, int Rooms, int Peers, long DatagramsIn, long DatagramsOut, long Messages, long SendDrops, long SendErrors, long AllocatedBytes);
