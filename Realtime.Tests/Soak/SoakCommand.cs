using System.Globalization;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Soak;

/// <summary>
/// <c>./realtime soak</c>: people come and go for half an hour, five a second; memory, handles and native heap of every process end where they began. Measured when everybody
/// has left, sessions have ended and garbage is collected: first after a minute of the same, so that what is made once is there, then at the end.
/// </summary>
static class SoakCommand
{
    static readonly string[] s_processes = ["media-0", "media-1", "signaling-0", "signaling-1"];

    /// <summary>Everybody has left, leases (10 s), departures told late (30 s) and the transport's silence (30 s) are over.</summary>
    static readonly TimeSpan s_settles = TimeSpan.FromSeconds(45);

    /// <summary>What allocators, pools and counters vary by; what is kept per visitor would be more: 9,000 come in half an hour.</summary>
    const long MemoryMayGrow = 16 << 10;
    const long NativeMayGrow = 6 << 10;
    const int HandlesMayGrow = 16;

    /// <returns>The exit code: 0 when all ended where it began, 1 when not, 2 when it could not run.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (!SoakOptions.TryParse(arguments, out var options, out var error))
        {
            await Console.Error.WriteLineAsync($"{error}\n{SoakOptions.Usage}");
            return 2;
        }
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        await using var app = new RunningApp();
        try
        {
            await app.InitializeAsync();
            return await RunAsync(app, options, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException or IOException)
        {
            await Console.Error.WriteLineAsync($"The soak could not run: {exception}\n{app.LogTails()}");
            return 2;
        }
    }

    static async Task<int> RunAsync(RunningApp app, SoakOptions options, CancellationToken stop)
    {
        var duration = TimeSpan.FromMinutes(options.Minutes);
        var churn = new Churn(app, options);
        try
        {
            Console.WriteLine($"seed {options.Seed}: {options.Rate} joins and leaves a second for {options.Minutes.ToString(CultureInfo.InvariantCulture)} min, after a minute to warm up");
            await churn.RunAsync(duration < TimeSpan.FromMinutes(1) ? duration : TimeSpan.FromMinutes(1), stop);
            var (warm, pids) = (churn.Joined, s_processes.ToDictionary(static process => process, app.Pid));
            var before = await MeasureAsync(pids, stop);
            await churn.RunAsync(duration, stop);
            var after = await MeasureAsync(pids, stop);

            var violations = s_processes.Where(process => app.Pid(process) != pids[process]).Select(static process => $"{process} died").ToList();
            foreach (var process in s_processes)
            {
                Console.WriteLine($"  {process}: {before[process]} → {after[process]}");
                violations.AddRange(Compare(process, before[process], after[process]));
            }
            Console.WriteLine($"  {churn.Joined - warm} came and went, {churn.Failed} could not");
            if (churn.Failed * 100 > churn.Joined)
                violations.Add($"{churn.Failed} of {churn.Joined + churn.Failed} could not come in");
            foreach (var violation in violations)
                Console.WriteLine($"  {violation}");
            Console.WriteLine($"violations: {violations.Count}");
            return violations.Count == 0 ? 0 : 1;
        }
        finally
        {
            churn.Stop();
        }
    }

    static async Task<Dictionary<string, Footprint>> MeasureAsync(Dictionary<string, int> pids, CancellationToken stop)
    {
        await Task.Delay(s_settles, stop);
        var measured = new Dictionary<string, Footprint>();
        foreach (var (process, pid) in pids)
            measured[process] = await Footprint.OfAsync(pid, stop);
        return measured;
    }

    static IEnumerable<string> Compare(string process, Footprint before, Footprint after)
    {
        if (after.Memory > before.Memory + MemoryMayGrow)
            yield return $"{process} kept {after.Memory - before.Memory} KiB";
        if (after.NativeHeap > before.NativeHeap + NativeMayGrow)
            yield return $"{process} kept {after.NativeHeap - before.NativeHeap} KiB of native heap";
        if (after.Handles > before.Handles + HandlesMayGrow)
            yield return $"{process} kept {after.Handles - before.Handles} handles";
    }
}
