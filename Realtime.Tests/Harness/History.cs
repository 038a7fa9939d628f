using System.Collections.Concurrent;
using System.Diagnostics;

namespace Realtime.Tests.Harness;

/// <summary>The record of a run, kept by all its clients.</summary>
public sealed class History
{
    readonly ConcurrentQueue<Observation> _observations = new();

    public IReadOnlyList<Observation> Observations => [.. _observations];

    /// <summary>CLOCK_MONOTONIC, which the clients in other processes of this machine read too.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    public void Add(Observation observation) => _observations.Enqueue(observation);
}
