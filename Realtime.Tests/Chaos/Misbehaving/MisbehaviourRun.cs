using System.Collections.Concurrent;
using System.Globalization;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos.Misbehaving;

/// <summary>
/// <c>./realtime chaos --misbehave</c>: a thousand connections talk, then one after the other misbehaves in ten ways: that one is limited or closed with the right code; nobody else is, and
/// what the others hear is as late as twice before at most, or 50 ms.
/// </summary>
sealed class MisbehaviourRun(RunningApp app, int connections, int seed)
{
    const int PerChannel = 50;
    const int EnteringAtOnce = 16;
    const double AllowedMilliseconds = 50;

    static readonly TimeSpan s_pace = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_settling = TimeSpan.FromSeconds(5);
    static readonly TimeSpan s_before = TimeSpan.FromSeconds(20);
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    readonly List<Violation> _violations = [];
    readonly List<string> _log = [];
    volatile ConcurrentQueue<double> _latencies = new();

    public async Task<ChaosOutcome> RunAsync(CancellationToken cancellation)
    {
        var name = $"misbehave{seed}-{Guid.NewGuid().ToString("N")[..6]}";
        var channels = Enumerable.Range(0, Math.Max(1, connections / PerChannel)).Select(i => $"{name}-c{i}").ToList();
        var everybody = new ConcurrentBag<(Bystander One, string Channel)>();
        try
        {
            await Parallel.ForAsync(0, connections, new ParallelOptions { MaxDegreeOfParallelism = EnteringAtOnce, CancellationToken = cancellation }, async (i, _) =>
            {
                var (channel, server) = (channels[i % channels.Count], app.Signaling[i / channels.Count % app.Signaling.Count]);
                var token = await app.TokenAsync($"{name}-{i}");
                everybody.Add((await Bystander.EnterAsync(server, token, ChaosPopulation.NextAddress(), channel, latency => _latencies.Enqueue(latency.TotalMilliseconds)), channel));
            });
            return await JudgeAsync(name, everybody.ToLookup(static one => one.Channel, static one => one.One), cancellation);
        }
        finally
        {
            await Task.WhenAll(everybody.Select(static one => one.One.DisposeAsync().AsTask()));
        }
    }

    async Task<ChaosOutcome> JudgeAsync(string name, ILookup<string, Bystander> bystanders, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var talking = Task.WhenAll(bystanders.Select((channel, i) => TalkAsync(channel.Key, [.. channel], i, stop.Token)));
        await Task.Delay(s_settling, cancellation);
        var before = await HearAsync(() => Task.Delay(s_before, cancellation));
        var during = await HearAsync(() => Task.WhenAll(new Ways(app, app.Signaling[0], name).All.Select(TryAsync)).WaitAsync(s_patience, cancellation));
        await stop.CancelAsync();
        await talking;

        var closed = bystanders.Sum(static channel => channel.Count(static one => one.IsClosed));
        Expect(closed == 0, $"{closed} of {connections} connections were closed besides those that misbehaved");
        Expect(before.Count > connections && during.Count > connections, $"too little was said ({before.Count}, {during.Count}): the run proves nothing");
        var allowed = Math.Max(2 * before.P99, AllowedMilliseconds);
        Expect(during.P99 <= allowed, string.Create(CultureInfo.InvariantCulture, $"p99 was {during.P99:f1} ms, {allowed:f1} ms are allowed"));
        return new ChaosOutcome(seed, _violations, _log, string.Create(CultureInfo.InvariantCulture,
            $"{connections} connections; p99 before {before.P99:f1} ms of {before.Count}, with one misbehaving {during.P99:f1} ms of {during.Count}"));
    }

    async Task TryAsync(Ways.Way way)
    {
        try
        {
            var code = await way.RunAsync();
            Note($"{way.Name}: {code?.ToString() ?? "refused"}");
            Expect(code == way.Code, $"{way.Name} ended with {code?.ToString() ?? "nothing"} instead of {way.Code?.ToString() ?? "nothing"}");
        }
        catch (Exception failure) when (failure is InvalidOperationException or HubConnectionException or OperationCanceledException or System.Net.WebSockets.WebSocketException)
        {
            Expect(false, $"{way.Name}: {failure.Message}");
        }
    }

    /// <summary>Each says something in turn, so that nobody is beyond a limit.</summary>
    static async Task TalkAsync(string channel, List<Bystander> people, int number, CancellationToken until)
    {
        try
        {
            await Task.Delay(s_pace * (number % 20 / 20.0), until);
            using var pace = new PeriodicTimer(s_pace);
            for (var i = 0; await pace.WaitForNextTickAsync(until); i++)
                await people[i % people.Count].SendAsync(channel);
        }
        catch (Exception ended) when (ended is OperationCanceledException or System.Net.WebSockets.WebSocketException)
        {
            // At the end; one that was closed before is counted.
            return;
        }
    }

    async Task<(int Count, double P99)> HearAsync(Func<Task> meanwhile)
    {
        _latencies = new();
        await meanwhile();
        var heard = _latencies;
        _latencies = new();
        List<double> sorted = [.. heard.Order()];
        return (sorted.Count, sorted.Count == 0 ? 0 : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * 0.99))]);
    }

    void Note(string what)
    {
        lock (_log)
            _log.Add(what);
    }

    void Expect(bool holds, string otherwise)
    {
        if (holds)
            return;
        lock (_violations)
            _violations.Add(new(Anomaly.Disturbed, otherwise));
    }
}
