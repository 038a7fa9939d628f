using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.ServiceDefaults.Telemetry;

/// <summary>Takes log entries from the queue to the sinks while the host runs. A sink that blocks blocks this loop alone; the other one says so.</summary>
sealed class LogPump(GuardedLoggerFactory factory, Supervisor supervisor) : SupervisedService(supervisor, "logPump")
{
    static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(1);

    protected override Task RunLoopAsync(CancellationToken stopping) => Task.WhenAll(factory.PumpAsync(stopping), SayAsync(stopping));

    async Task SayAsync(CancellationToken stopping)
    {
        while (true)
        {
            await Task.Delay(SayEvery, Time, stopping);
            factory.Say();
        }
    }
}
