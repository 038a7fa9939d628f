using System.Diagnostics;
using System.Globalization;
using Realtime.Contracts;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos.Kills;

/// <summary>
/// <c>./realtime chaos --kills N</c>: kill -9 of any process of the app at N random moments, each while people talk, type, call and leave, and webhooks are delivered. 30 s after each kill
/// nobody who is gone may be seen anywhere, whoever stays must be, no delivery may be stuck, and one crash report must explain the death of each of our own processes.
/// </summary>
/// <param name="pace">Of the messages for the webhook.</param>
sealed class KillsRun(RunningApp app, int kills, TimeSpan pace, int seed)
{
    /// <summary>What the kill may leave behind for so long.</summary>
    static readonly TimeSpan s_cleanWithin = HistoryChecker.GhostAtMost;

    /// <summary>How long is looked on, to say how late it was.</summary>
    static readonly TimeSpan s_lookFor = TimeSpan.FromSeconds(60);

    static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(500);
    static readonly string[] s_ours = ["signaling-0", "signaling-1", "media-0", "media-1", "web"];
    static readonly string[] s_processes = [.. s_ours, "redis", "postgres"];

    readonly Random _random = new(seed);
    readonly List<Violation> _violations = [];
    readonly List<string> _log = [];
    TimeSpan _longest;

    public async Task<ChaosOutcome> RunAsync(CancellationToken cancellation)
    {
        var name = $"kills{seed}-{Guid.NewGuid().ToString("N")[..6]}";
        var traces = new Traces(app);
        await using var deliveries = await DeliveryWatch.StartAsync(app, name, pace, seed);
        // Each of them, then by chance.
        var victims = s_processes.OrderBy(_ => _random.Next()).Concat(Enumerable.Range(0, kills).Select(_ => s_processes[_random.Next(s_processes.Length)])).Take(kills).ToList();
        for (var i = 0; i < kills; i++)
            await KillAsync(victims[i], $"{name}-{i}", traces, deliveries, cancellation);
        var lost = await deliveries.FinishAsync(s_cleanWithin);
        if (lost.Count > 0)
            _violations.Add(new(Anomaly.LostAcknowledged, $"{lost.Count} of {deliveries.Sent} messages were not told to the webhook"));
        return new ChaosOutcome(seed, _violations, _log, string.Create(CultureInfo.InvariantCulture,
            $"{kills} kills, the last trace of anybody gone after {_longest.TotalSeconds:f1} s at most; {deliveries.Sent} messages told to a webhook"));
    }

    async Task KillAsync(string process, string name, Traces traces, DeliveryWatch deliveries, CancellationToken cancellation)
    {
        await using var cohort = await Cohort.EnterAsync(app, name, _random.Next());
        await cohort.TypeAsync();
        // Their end comes before, with, or after the kill.
        var (kill, part) = (TimeSpan.FromSeconds(3 * _random.NextDouble()), TimeSpan.FromSeconds(3 * _random.NextDouble()));
        var pid = app.Pid(process);
        var before = app.CrashReports().Select(static report => report.Id).ToHashSet();
        await Task.WhenAll(AfterAsync(kill, () => app.KillAsync(process)), AfterAsync(part, cohort.PartAsync));
        var clock = Stopwatch.StartNew();

        IReadOnlyList<string> left = ["not looked yet"];
        while (left.Count > 0 && clock.Elapsed < s_lookFor)
        {
            await Task.Delay(s_lookEvery, cancellation);
            left = [.. await traces.FindAsync(cohort, cancellation), .. await StuckAsync(deliveries, cancellation)];
        }
        var took = clock.Elapsed;
        if (left.Count == 0 && took > _longest)
            _longest = took;
        _log.Add(string.Create(CultureInfo.InvariantCulture, $"kill -9 {process} (pid {pid}), {(part - kill).TotalSeconds:f1} s before the others went: clean after {took.TotalSeconds:f1} s"));
        Console.WriteLine($"  {_log[^1]}");
        if (took > s_cleanWithin)
            _violations.Add(new(Anomaly.Ghost, string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:f0} s after kill -9 of {process}: {(left.Count == 0 ? "clean only now" : string.Join(", ", left))}")));
        await app.RecoveredAsync(process, pid);
        await ExplainedAsync(process, pid, before);
        await StaysLeavesAsync(cohort, traces, process, cancellation);
    }

    /// <summary>The last one goes, and the room with them.</summary>
    async Task StaysLeavesAsync(Cohort cohort, Traces traces, string process, CancellationToken cancellation)
    {
        await cohort.DisposeAsync();
        try
        {
            await Eventually.TrueAsync(async () => !await traces.HasRoomAsync(cohort.Room, cancellation), s_cleanWithin);
        }
        catch (TimeoutException)
        {
            _violations.Add(new(Anomaly.Ghost, $"the room {cohort.Room} is still there after everybody left it (kill -9 of {process})"));
        }
    }

    static async Task<IReadOnlyList<string>> StuckAsync(DeliveryWatch deliveries, CancellationToken cancellation)
    {
        try
        {
            return await deliveries.StuckAsync(cancellation) is > 0 and var stuck ? [$"{stuck} deliveries are stuck"] : [];
        }
        catch (Npgsql.NpgsqlException away)
        {
            return [$"Postgres does not answer: {away.Message}"];
        }
    }

    /// <summary>Exactly one report says which process died, and how. (Redis and Postgres write none: their circuits tell.)</summary>
    async Task ExplainedAsync(string process, int pid, HashSet<string> before)
    {
        if (!s_ours.Contains(process))
            return;
        IReadOnlyList<CrashReport> Deaths() => [.. app.CrashReports().Where(report => !before.Contains(report.Id) && report.Kind == CrashKind.PreviousRunDied && report.Process == pid)];
        await Eventually.TrueAsync(() => Deaths().Count > 0, s_cleanWithin).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var deaths = Deaths();
        if (deaths.Count != 1)
            _violations.Add(new(Anomaly.Disturbed, $"{deaths.Count} crash reports explain the death of {process} (pid {pid})"));
        else if (deaths[0] is var death && (death.Exception?.Message.Contains("SIGKILL", StringComparison.Ordinal) != true || death.Actions.Count == 0))
            _violations.Add(new(Anomaly.Disturbed, $"the crash report about {process} does not explain its death: {death.Exception?.Message} ({death.Actions.Count} actions)"));
        else if (process != "web" && !await IsStoredAsync(death.Id))
            _violations.Add(new(Anomaly.Disturbed, $"the crash report about {process} never came to Postgres"));
    }

    /// <summary>Where operators look; the media nodes' reports are fetched by the replicas.</summary>
    async Task<bool> IsStoredAsync(string report)
    {
        try
        {
            await Eventually.TrueAsync(async () => await FindAsync(report) is not null, s_lookFor);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    async Task<CrashReport?> FindAsync(string id)
    {
        try
        {
            return await app.GetAsync<CrashReport>(app.SignalingFront, $"/api/crashes/{id}");
        }
        catch (HttpRequestException)
        {
            // Not there yet.
            return null;
        }
    }

    static async Task AfterAsync(TimeSpan pause, Func<Task> work)
    {
        await Task.Delay(pause);
        await work();
    }
}
