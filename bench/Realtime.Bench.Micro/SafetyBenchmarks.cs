using BenchmarkDotNet.Attributes;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Bench.Micro;

/// <summary>The crash-safety kit where it stands on hot paths: at most 100 ns and no byte each.</summary>
public class SafetyBenchmarks
{
    readonly CircuitBreaker circuit = new("bench", TimeProvider.System);

    [Benchmark]
    public void CircuitCheck()
    {
        if (circuit.TryEnter(out var ticket)) circuit.Success(ticket);
    }

    [Benchmark]
    public void ActionLogRecord() => ActionLog.Record("bench", "recorded", "user", "room", "detail");
}
