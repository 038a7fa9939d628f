using Realtime.Tests.Chaos.Kills;
using Realtime.Tests.Chaos.Misbehaving;
using Realtime.Tests.Links;
using Realtime.Tests.MediaChaos;

namespace Realtime.Tests.Chaos;

/// <summary><c>./realtime chaos</c>: starts the composed app, runs, prints each violation with its seed and the faults before it; the last line is the sum.</summary>
static class ChaosCommand
{
    /// <summary>
    /// What the load needs more of than production gives to one person: they write faster than people do, come back from kills more often, and the exceptions injected into
    /// their calls are not their doing. Everything else is as in production.
    /// </summary>
    static readonly Dictionary<string, int> s_limits = new()
    {
        ["MessagesPerMinute"] = 300,
        ["EditsPerMinute"] = 60,
        ["DeletesPerMinute"] = 60,
        ["ChannelsPerMinute"] = 300,
        ["SessionsPerMinute"] = 60,
        ["FaultsPerMinute"] = 1000,
        ["RefusalsPerMinute"] = 1000,
        ["BansPer5Minutes"] = 1000,
        ["VoicePerMinute"] = 200,
        ["PresencePer30Seconds"] = 50,
    };

    /// <summary>A scenario's users write 10 messages a second each.</summary>
    static readonly Dictionary<string, int> s_scenarioLimits = new() { ["MessagesPerMinute"] = 6000, ["ChannelsPerMinute"] = 300, ["SessionsPerMinute"] = 60 };

    /// <summary>Who misbehaves is judged by production's measures.</summary>
    static readonly Dictionary<string, int> s_misbehaviourLimits = new(s_limits.Where(static limit => limit.Key is not ("FaultsPerMinute" or "RefusalsPerMinute")));

    static readonly TimeSpan s_webhookPace = TimeSpan.FromMilliseconds(250);

    /// <returns>The exit code: 0 when nothing was violated, 1 when something was, 2 when it could not run.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (!ChaosOptions.TryParse(arguments, out var options, out var error))
        {
            await Console.Error.WriteLineAsync($"{error}\n{ChaosOptions.Usage}");
            return 2;
        }
        if (options.Links)
            return await LinksCommand.RunAsync(options);
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        var limits = options.Scenario is not null ? s_scenarioLimits : options.Misbehave ? s_misbehaviourLimits : s_limits;
        Console.WriteLine($"limits raised for the load: {string.Join(", ", limits.Select(limit => $"{limit.Key}={limit.Value}"))}; all others as in production");
        await using var app = new ProxiedApp(limits, options.Media ? await TurnBehindProxy.StartAsync() : null);
        try
        {
            await app.InitializeAsync();
            var violations = 0;
            if (options.Media)
                await new MediaChaosRun(app, app.Turn, options.People, MediaChaosRun.WarmUp, options.Seed + options.Runs, options.Only).AttackAsync(stop.Token);
            for (var run = 0; run < options.Runs; run++)
            {
                var seed = options.Seed + run;
                Console.WriteLine($"run {run + 1} of {options.Runs}, seed {seed}, {options.Seconds} s …");
                violations += Report(await RunOnceAsync(app, options, seed, stop.Token));
            }
            Console.WriteLine($"violations: {violations}");
            return violations == 0 ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException or IOException)
        {
            await Console.Error.WriteLineAsync($"The chaos could not run: {exception}\n{app.LogTails()}");
            return 2;
        }
    }

    static Task<ChaosOutcome> RunOnceAsync(ProxiedApp app, ChaosOptions options, int seed, CancellationToken stop)
    {
        var duration = TimeSpan.FromSeconds(options.Seconds);
        if (options.Kills is { } kills)
            return new KillsRun(app, kills, s_webhookPace, seed).RunAsync(stop);
        if (options.Misbehave)
            return new MisbehaviourRun(app, options.Connections, seed).RunAsync(stop);
        if (options.Media)
            return new MediaChaosRun(app, app.Turn, options.People, duration, seed, options.Only).RunAsync(stop);
        return options.Scenario is { } scenario
            ? new OutageScenario(app, scenario == ChaosOptions.RedisOff ? "redis" : "postgres", duration, seed).RunAsync(stop)
            : new ChaosRun(app, app.Links, new ChaosRunOptions(seed, duration)).RunAsync(stop);
    }

    static int Report(ChaosOutcome outcome)
    {
        Console.WriteLine($"  {outcome.Figures}");
        if (outcome.Violations.Count == 0)
            return 0;
        foreach (var violation in outcome.Violations.Take(50))
            Console.WriteLine($"  seed {outcome.Seed}: {violation}");
        if (outcome.Violations.Count > 50)
            Console.WriteLine($"  … and {outcome.Violations.Count - 50} more");
        Console.WriteLine($"  faults of seed {outcome.Seed}:");
        foreach (var fault in outcome.Faults)
            Console.WriteLine($"  {fault}");
        return outcome.Violations.Count;
    }
}
