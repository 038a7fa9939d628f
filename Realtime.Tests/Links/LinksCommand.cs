using Realtime.Tests.Chaos;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Links;

/// <summary><c>./realtime chaos --links</c>: every scenario with real browsers; prints what came through, and what should have; the last line is the sum.</summary>
static class LinksCommand
{
    const int CameraFps = 30;
    const int Seconds = 15;

    /// <returns>The exit code: 0 when nothing was violated, 1 when something was, 2 when it could not run.</returns>
    public static async Task<int> RunAsync(ChaosOptions options)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        await using var app = new LinkedApp();
        try
        {
            await app.InitializeAsync();
            await using var browser = await Browser.StartAsync(CameraFps);
            var count = 0;
            for (var run = 0; run < options.Runs; run++)
            {
                var seed = options.Seed + run;
                foreach (var scenario in LinkScenario.All.Where(each => options.Scenario is null || each.Name == options.Scenario))
                {
                    app.OpenLinks(seed);
                    var (phases, violations) = await new LinkRun(app, browser).RunAsync(scenario, Seconds, stop.Token);
                    app.CloseLinks();
                    Console.WriteLine($"{scenario.Name}, seed {seed}");
                    foreach (var phase in phases) Console.WriteLine($"  {phase}\n    {phase.Seconds}");
                    foreach (var violation in violations) Console.WriteLine($"  seed {seed}: {violation}");
                    count += violations.Count;
                }
            }

            Console.WriteLine($"violations: {count}");
            return count == 0 ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException or IOException)
        {
            await Console.Error.WriteLineAsync($"The links could not run: {exception}\n{app.LogTails()}");
            return 2;
        }
    }
}
