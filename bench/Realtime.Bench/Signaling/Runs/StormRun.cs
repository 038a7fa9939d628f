using System.Diagnostics;
using Realtime.Bench.Signaling.Load;
using Realtime.Bench.Signaling.Servers;

namespace Realtime.Bench.Signaling.Runs;

/// <summary>
/// A replica with thousands of connections is killed; all of them come back to the other one as their client does (full jitter, doubled after each failure) and must have
/// every message that was written meanwhile.
/// </summary>
static class StormRun
{
    const int PerGroup = 50;
    const double MessagesPerSecond = 1;
    const int TextLength = 100;

    static readonly TimeSpan Warm = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    public static async Task<StormFigures> RunAsync(string folder, int connections, Action<string> say, CancellationToken stop)
    {
        var dialect = new RealtimeDialect();
        await using var backends = new Backends(folder);
        await backends.StartAsync(stop);
        await using var victim = new RealtimeReplica(folder, false, backends, dialect, "signaling-0");
        await using var survivor = new RealtimeReplica(folder, false, backends, dialect, "signaling-1");
        await Task.WhenAll(victim.StartAsync(stop), survivor.StartAsync(stop));

        using var load = new ConnectionLoad(dialect, victim.Port) { IsOrdered = true };
        load.Enter(connections, static i => $"g{i / PerGroup}");
        // On the other replica, so that they write on through the kill.
        var groups = (connections + PerGroup - 1) / PerGroup;
        var senderWays = Enumerable.Range(0, groups).Select(i => load.Create()).ToList();
        var sending = senderWays.Select((sender, i) =>
        {
            sender.Open(dialect.Enter(sender.User, null), survivor.Port);
            return i;
        }).ToList();
        load.RunUntil(() => senderWays.All(static sender => sender.Phase == ConnectionPhase.Live), Patience, "the senders in");
        var stops = sending.Select(i => load.Send(senderWays[i], $"g{i}", MessagesPerSecond, TextLength)).ToList();
        load.Run(Warm);

        var clients = load.Connections.Take(connections).ToList();
        var back = new Dictionary<LoadConnection, long>();
        var failures = new Dictionary<LoadConnection, int>();
        load.StartMeasuring();
        var (cpu, busy) = (survivor.Process.Cpu(), load.Busy);
        var killed = Stopwatch.GetTimestamp();
        load.OnEntered = connection => back.TryAdd(connection, Stopwatch.GetTimestamp());
        load.OnLost = (connection, _) => Retry(connection);
        Process.GetProcessById(victim.Process.Id).Kill();
        load.RunUntil(() => back.Count == connections || Stopwatch.GetElapsedTime(killed) > Patience, Patience * 2, "everybody back");
        var used = (survivor.Process.Cpu() - cpu).Seconds;
        var generator = (load.Busy - busy) / Stopwatch.GetElapsedTime(killed);
        if (back.Count < connections)
        {
            var where = clients.Where(client => !back.ContainsKey(client)).GroupBy(static client => client.Phase).Select(static phase => $"{phase.Count()} {phase.Key}");
            say($"Not back after {Patience.TotalSeconds} s: {string.Join(", ", where)}. {load.Refusal}");
        }

        load.Run(TimeSpan.FromSeconds(3));
        var sent = stops.Select(static end => end()).ToList();
        load.Run(TimeSpan.FromSeconds(5));

        var times = clients.Select(client => back.TryGetValue(client, out var at) ? Stopwatch.GetElapsedTime(killed, at).TotalMilliseconds : double.PositiveInfinity).Order().ToList();
        var missing = clients.Select((client, i) => client.Skipped + Math.Max(0, sent[i / PerGroup] - client.Last)).Sum();
        return new StormFigures(
            connections, Math.Round(times.Count(static time => time <= 10_000) / (double)connections, 4), Known(times[connections / 2]), Known(times[(int)(connections * 0.99)]), Known(times[^1]), missing, clients.Sum(static client => client.Repeated), clients.Count(static client => client.IsNewSession),
            Math.Round(used * 1000 / Math.Max(1, back.Count), 2), failures.Values.Sum(), Math.Round(generator, 2));

        static double? Known(double milliseconds) => double.IsFinite(milliseconds) ? Math.Round(milliseconds) : null;

        void Retry(LoadConnection connection)
        {
            var attempt = failures[connection] = failures.GetValueOrDefault(connection) + 1;
            var most = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, attempt - 1));
            load.After(TimeSpan.FromMilliseconds(Math.Max(50, Random.Shared.NextDouble() * most)), () =>
                connection.Open(dialect.Return(connection.ResumeToken!, $"g{connection.User / PerGroup}", connection.Last), survivor.Port));
        }
    }
}
