namespace Realtime.Contracts.MediaControl;

/// <summary>From a packet's receipt until its copies were handed to the kernel, of all copies of the last second or so, in milliseconds; true to a fifth.</summary>
public sealed record ForwardingLatency(double P50, double P99, double P999);
