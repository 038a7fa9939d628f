using System.Globalization;
using Realtime.Contracts;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>How a run went.</summary>
/// <param name="Figures">What was done, for the report: a run in which nothing happened proves nothing.</param>
sealed record ChaosOutcome(int Seed, IReadOnlyList<Violation> Violations, IReadOnlyList<string> Faults, string Figures);

/// <summary>One run: clients talk, faults strike, everything is healed and comes to rest, and the history is judged.</summary>
sealed class ChaosRun(RunningApp app, DependencyLinks? links, ChaosRunOptions options)
{
    static readonly TimeSpan s_joinWithin = TimeSpan.FromSeconds(60);
    static readonly TimeSpan s_restWithin = TimeSpan.FromSeconds(30);
    static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(2);

    /// <summary>Of one moderator in five minutes.</summary>
    const int BansAtProductionLimits = 3;

    readonly string _name = $"chaos{options.Seed}-{Guid.NewGuid().ToString("N")[..6]}";

    string RoomName => $"{_name}-room";

    public async Task<ChaosOutcome> RunAsync(CancellationToken cancellation)
    {
        string[] channels = [.. Enumerable.Range(0, options.Channels).Select(i => $"{_name}-c{i}")];
        await using var population = await ChaosPopulation.StartAsync(app, _name, options.NativeClients, options.NodeHosts, options.Seed, cancellation);
        var history = population.History;
        var workloads = population.Clients.Select((client, i) => new Workload(client, channels, history, options.Pace, (options.Seed * 1000) + i)).ToList();
        await Task.WhenAll(workloads.Select(workload => workload.JoinAsync(cancellation))).WaitAsync(s_joinWithin, cancellation);
        var own = population.Clients.OfType<NativeClient>().ToList();
        var people = new PeopleWorkload(own, RoomName, options.Seed + 1);
        await people.StartAsync(cancellation).WaitAsync(s_joinWithin, cancellation);
        // Of those whom no fault kills for good: the last ones.
        var bans = new BanWorkload(own[^1].Chat, own[^2].Chat, [own[^1].Chat, own[^3].Chat], $"{_name}-bans", links is null ? BansAtProductionLimits : int.MaxValue, options.Seed + 2);
        await bans.JoinAsync(cancellation).WaitAsync(s_joinWithin, cancellation);

        var driver = new FaultDriver(app, links, population);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var talking = Task.WhenAll([.. workloads.Select(workload => workload.RunAsync(stop.Token)), people.RunAsync(stop.Token), bans.RunAsync(stop.Token)]);
        await driver.RunAsync(FaultPlan.Of(options.Seed, options.Duration, links is not null), options.Duration, cancellation);
        try
        {
            await driver.HealAsync();
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            await stop.CancelAsync();
            return new ChaosOutcome(options.Seed, [new(Anomaly.Missing, $"the app did not recover by itself: {app.States()}\n{app.LogTails()}")], driver.Log, Figures(history.Observations));
        }
        history.Add(new Observation.Healed(History.Now));
        foreach (var client in population.Living)
            client.NetworkIsBack();
        await stop.CancelAsync();
        await talking;

        var violations = new List<Violation>();
        await RestAsync(population, workloads, people, bans, channels, violations, cancellation);
        await ListAsync(population, channels, violations, cancellation);
        violations.AddRange(HistoryChecker.Check(history.Observations));
        return new ChaosOutcome(options.Seed, violations, driver.Log, Figures(history.Observations));
    }

    /// <summary>Everything that was begun ends, and everybody gets one last message of each channel, which shows whatever was lost before it.</summary>
    static async Task RestAsync(ChaosPopulation population, List<Workload> workloads, PeopleWorkload people, BanWorkload bans, string[] channels, List<Violation> violations, CancellationToken cancellation)
    {
        var began = History.Now;
        try
        {
            await Task.WhenAll([.. workloads.Select(workload => workload.SettledAsync()), people.SettledAsync(), bans.SettledAsync(cancellation)]).WaitAsync(s_restWithin, cancellation);
            var last = population.Living.OfType<NativeClient>().First();
            foreach (var channel in channels)
                await last.SendAsync(channel, "last", cancellation).WaitAsync(s_restWithin, cancellation);
        }
        catch (TimeoutException)
        {
            violations.Add(new(Anomaly.Unseen, $"calls without an outcome {s_restWithin.TotalSeconds} s after the last fault"));
        }
        // The checker judges when each of them came; here is only to be waited until no more will.
        while (History.Now - began < HistoryChecker.Ticks(s_restWithin) && Missing(population.History.Observations))
            await Task.Delay(s_lookEvery / 10, cancellation);
        foreach (var broken in population.Hosts.SelectMany(host => host.Broken))
            violations.Add(new(Anomaly.Missing, $"a client gave up: {broken}"));
        foreach (var client in population.Living.OfType<NativeClient>().Where(client => client.Chat.Failure is not null))
            violations.Add(new(Anomaly.Missing, $"{client.User} gave up: {client.Chat.Failure!.Message}"));
    }

    static bool Missing(IReadOnlyList<Observation> history) => HistoryChecker.Check(history).Any(violation => violation.Anomaly == Anomaly.LostAcknowledged);

    /// <summary>Looks who is said to be there until nobody is who should not; the checker knows how long that may take.</summary>
    async Task ListAsync(ChaosPopulation population, string[] channels, List<Violation> violations, CancellationToken cancellation)
    {
        var dead = population.Clients.Where(client => client.IsDead).Select(client => client.User).ToHashSet();
        var watchers = new List<HubClient>();
        try
        {
            foreach (var replica in app.Signaling)
            {
                var token = await app.TokenAsync($"{_name}-watcher{watchers.Count}", new Grants(["*"], ["*"], true, true));
                watchers.Add(await HubClient.ConnectAsync(new HubClientOptions(replica, token) { SourceAddress = ChaosPopulation.NextAddress() }, cancellation));
                await watchers[^1].InvokeAsync<HelloResult>("Hello", new HelloRequest(), cancellation);
            }
            var began = History.Now;
            var clean = false;
            while (!clean && History.Now - began < HistoryChecker.Ticks(HistoryChecker.GhostAtMost + s_lookEvery + s_lookEvery))
            {
                await Task.Delay(s_lookEvery, cancellation);
                clean = true;
                foreach (var (replica, watcher) in watchers.Index())
                {
                    foreach (var channel in channels)
                    {
                        var joined = await watcher.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(channel), cancellation);
                        var users = joined.Members.Select(member => member.User).ToHashSet();
                        population.History.Add(new Observation.Listed($"signaling-{replica}", History.Now, "members", channel, users));
                        clean &= !users.Overlaps(dead);
                    }
                }
                clean &= await ListPeopleAsync(population, dead, violations, cancellation);
            }
        }
        catch (Exception exception) when (exception is HubCallException or HubConnectionException or HttpRequestException)
        {
            violations.Add(new(Anomaly.Missing, $"with everything healed, a new client could not be served: {exception.Message}"));
        }
        finally
        {
            foreach (var watcher in watchers)
                await watcher.DisposeAsync();
        }
    }

    /// <summary>Who is online and in the call, as each replica says; they must agree.</summary>
    /// <returns>Whether nobody is to be seen who should not.</returns>
    async Task<bool> ListPeopleAsync(ChaosPopulation population, HashSet<string> dead, List<Violation> violations, CancellationToken cancellation)
    {
        var clean = true;
        var said = new Dictionary<string, string>();
        violations.RemoveAll(static violation => violation.What.StartsWith(Disagree, StringComparison.Ordinal));
        foreach (var (replica, address) in app.Signaling.Index())
        {
            var online = new HashSet<string>();
            foreach (var client in population.Clients)
            {
                var status = (await app.GetAsync<PresenceEvent>(address, $"/api/users/{client.User}/presence", cancellation)).Status;
                if (status != PresenceStatus.Offline)
                    online.Add(client.User);
                if (!said.TryAdd(client.User, status) && said[client.User] != status)
                {
                    clean = false;
                    violations.Add(new(Anomaly.Divergence, $"{Disagree} about {client.User}: {said[client.User]}, {status}"));
                }
            }
            var voices = (await app.GetAsync<List<RoomParticipantInfo>>(address, $"/api/rooms/{RoomName}/participants", cancellation)).Select(static one => one.User).ToHashSet();
            population.History.Add(new Observation.Listed($"signaling-{replica}", History.Now, "presence", "", online));
            population.History.Add(new Observation.Listed($"signaling-{replica}", History.Now, "rooms", RoomName, voices));
            clean &= !online.Overlaps(dead) && !voices.Overlaps(dead);
        }
        return clean;
    }

    /// <summary>Of the last look only: until then news may be on its way.</summary>
    const string Disagree = "the replicas disagree";

    static string Figures(IReadOnlyList<Observation> history)
    {
        var sends = history.OfType<Observation.Invoked>().Count();
        var acknowledged = history.OfType<Observation.Acknowledged>().Count();
        return string.Create(CultureInfo.InvariantCulture,
            $"{sends} sent, {acknowledged} acknowledged, {history.OfType<Observation.Received>().Count()} received, {history.OfType<Observation.CameOnline>().Count()} times online, {history.OfType<Observation.ReadHistory>().Count()} pages read");
    }
}
