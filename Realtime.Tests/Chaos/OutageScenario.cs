using System.Diagnostics;
using System.Globalization;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>
/// A dependency is off for a while under a steady load of 500 messages a second. Redis off: every message is acknowledged and at the other replica's clients within a second,
/// and everything is as before within 5 s of its return. Postgres off: what is refused is sent again by the client until it is stored, once.
/// </summary>
sealed class OutageScenario(RunningApp app, string dependency, TimeSpan duration, int seed)
{
    const int Channels = 10;
    const int UsersPerChannel = 5;
    static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan s_calm = TimeSpan.FromSeconds(8);
    static readonly TimeSpan s_withoutRedis = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly List<string> _log = [];

    public async Task<ChaosOutcome> RunAsync(CancellationToken cancellation)
    {
        var name = $"{dependency}off{seed}-{Guid.NewGuid().ToString("N")[..6]}";
        await using var population = await ChaosPopulation.StartAsync(app, name, Channels * UsersPerChannel, 0, seed, cancellation);
        var history = population.History;
        var clients = population.Clients.Cast<NativeClient>().ToList();
        string ChannelOf(int client) => $"{name}-c{client / UsersPerChannel}";
        await Task.WhenAll(clients.Select((client, i) => client.JoinAsync(ChannelOf(i), cancellation))).WaitAsync(s_patience, cancellation);
        // Each has a link to each replica; nobody moves while only a dependency is away.
        var home = clients.ToDictionary(client => client.User, client => client.Links.Index().Single(link => link.Item.Http == client.Chat.Server).Index);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var talking = Task.WhenAll(clients.Select((client, i) => TalkAsync(client, ChannelOf(i), i, stop.Token)));
        await Task.Delay(s_calm, cancellation);
        var off = History.Now;
        Note($"{dependency} stops");
        await app.StopAsync(dependency);
        await Task.Delay(duration, cancellation);
        Note($"{dependency} starts");
        await app.StartAsync(dependency);
        await app.RecoveredAsync();
        var back = History.Now;
        history.Add(new Observation.Healed(back));
        Note($"{dependency} is back");
        await Task.Delay(s_calm + HistoryChecker.SeenWithin, cancellation);
        await stop.CancelAsync();
        await talking.WaitAsync(s_patience, cancellation);
        await Eventually.TrueAsync(() => HistoryChecker.Check(history.Observations).All(violation => violation.Anomaly != Anomaly.LostAcknowledged), s_patience)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var violations = HistoryChecker.Check(history.Observations).ToList();
        var before = Latencies(history, home, 0, off);
        var during = Latencies(history, home, off, back);
        var after = Latencies(history, home, back + HistoryChecker.Ticks(HistoryChecker.SeenWithin), long.MaxValue);
        Note($"to the other replica before: {Tell(before)}; while it was off: {Tell(during)}; from 5 s after its return: {Tell(after)}");
        if (dependency == "redis" && Percentile(during, 0.99) > s_withoutRedis)
            violations.Add(new(Anomaly.Unseen, $"without Redis it took {Percentile(during, 0.99).TotalMilliseconds:f0} ms to the other replica (p99)"));
        // As before: within a margin for the machine's own noise.
        var normal = TimeSpan.FromMilliseconds(Math.Max(100, 3 * Percentile(before, 0.99).TotalMilliseconds));
        if (Percentile(after, 0.99) > normal)
            violations.Add(new(Anomaly.Unseen, $"5 s after {dependency} was back it took {Percentile(after, 0.99).TotalMilliseconds:f0} ms to the other replica (p99), {Percentile(before, 0.99).TotalMilliseconds:f0} before"));
        var acknowledged = history.Observations.OfType<Observation.Acknowledged>().ToList();
        return new ChaosOutcome(seed, violations, _log, string.Create(CultureInfo.InvariantCulture,
            $"{acknowledged.Count} acknowledged ({acknowledged.Count(ack => ack.At > off && ack.At < back)} of them while {dependency} was off); {_log[^1].Trim()}"));
    }

    static async Task TalkAsync(NativeClient client, string channel, int number, CancellationToken until)
    {
        var open = new Queue<Task>();
        try
        {
            await Task.Delay(s_pace * ((double)number / (Channels * UsersPerChannel)), until);
            using var pace = new PeriodicTimer(s_pace);
            for (var i = 0; await pace.WaitForNextTickAsync(until); i++)
                open.Enqueue(client.SendAsync(channel, $"{client.User} {i}", CancellationToken.None));
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            await Task.WhenAll(open);
        }
    }

    /// <summary>From the call that sent it to the hands of clients of the other replica, of messages sent in that time.</summary>
    static List<TimeSpan> Latencies(History history, Dictionary<string, int> home, long from, long to)
    {
        var observations = history.Observations;
        var sent = observations.OfType<Observation.Invoked>().Where(send => send.At >= from && send.At < to).ToDictionary(send => send.ClientMessageId);
        return [.. observations.OfType<Observation.Received>()
            .Where(received => sent.TryGetValue(received.ClientMessageId, out var send) && home[send.Client] != home[received.Client])
            .Select(received => Stopwatch.GetElapsedTime(sent[received.ClientMessageId].At, received.At)).Order()];
    }

    static TimeSpan Percentile(List<TimeSpan> sorted, double part) => sorted.Count == 0 ? TimeSpan.Zero : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];

    static string Tell(List<TimeSpan> sorted) => string.Create(CultureInfo.InvariantCulture,
        $"p50 {Percentile(sorted, 0.5).TotalMilliseconds:f0} ms, p99 {Percentile(sorted, 0.99).TotalMilliseconds:f0} ms, longest {Percentile(sorted, 1).TotalMilliseconds:f0} ms of {sorted.Count}");

    void Note(string what) => _log.Add(string.Create(CultureInfo.InvariantCulture, $"{_clock.Elapsed.TotalSeconds,6:f1} s  {what}"));
}
