using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Realtime.ServiceDefaults.Faults;
using Realtime.Tests.Harness;
using StackExchange.Redis;

namespace Realtime.Tests.Chaos;

/// <summary>Carries a plan out, writes down what it did and when, and takes everything back in the end.</summary>
sealed class FaultDriver(RunningApp app, DependencyLinks? links, ChaosPopulation population)
{
    /// <summary>Without raised limits a connection in whose calls more is thrown would be quarantined, rightly.</summary>
    const int ThrowsAtProductionLimits = 3;

    static readonly string[] s_processes = ["signaling-0", "signaling-1", "redis", "postgres"];
    static readonly TimeSpan s_startWithin = TimeSpan.FromSeconds(60);
    static readonly TimeSpan s_strikeWithin = TimeSpan.FromSeconds(10);

    /// <summary>Edges with a fault point, and what the chaos does there.</summary>
    static readonly FaultRule[] s_rules =
    [
        new("hub", FaultKind.Throw, Percent: 30), new("hub", FaultKind.Refuse, Percent: 30), new("hub", FaultKind.Delay, Percent: 50, DelayMs: 700),
        new("hub", FaultKind.Throw, "SendMessage", Percent: 60), new("hub", FaultKind.Throw, "Hello", Percent: 60), new("hub", FaultKind.Throw, "JoinChannel", Percent: 60),
        new("database", FaultKind.Throw, Percent: 20), new("database", FaultKind.Refuse, Percent: 40), new("database", FaultKind.Delay, Percent: 50, DelayMs: 900),
        new("database", FaultKind.Throw, "outboxRead", Percent: 70), new("database", FaultKind.Throw, "append", Percent: 50), new("database", FaultKind.Throw, "read", Percent: 70),
        new("database", FaultKind.Throw, "sessionTake", Percent: 70), new("database", FaultKind.Throw, "members", Percent: 70), new("database", FaultKind.Throw, "sessionReap", Percent: 70),
    ];

    readonly List<string> _log = [];
    readonly Stopwatch _clock = new();

    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
                return [.. _log];
        }
    }

    /// <summary>Runs the plan to its end.</summary>
    public async Task RunAsync(IReadOnlyList<PlannedFault> plan, TimeSpan duration, CancellationToken cancellation)
    {
        _clock.Start();
        var running = new List<Task>();
        foreach (var fault in plan)
        {
            if (fault.At > _clock.Elapsed)
                await Task.Delay(fault.At - _clock.Elapsed, cancellation);
            running.Add(StrikeAsync(fault, cancellation));
        }
        await Task.WhenAll(running);
        if (duration > _clock.Elapsed)
            await Task.Delay(duration - _clock.Elapsed, cancellation);
    }

    /// <summary>Nothing is in the way any more and everything runs.</summary>
    public async Task HealAsync()
    {
        foreach (var link in population.Links.Concat(links?.All ?? []))
            link.Fault = LinkFault.None;
        await app.RecoveredAsync();
        foreach (var replica in app.Signaling)
        {
            await Eventually.TrueAsync(async () => await app.IsReadyAsync(replica), s_startWithin);
            await app.ClearFaultsAsync(replica);
        }
        Note("healed");
    }

    async Task StrikeAsync(PlannedFault fault, CancellationToken cancellation)
    {
        try
        {
            await StrikeOnceAsync(fault, cancellation);
        }
        catch (Exception exception) when (exception is NpgsqlException or RedisException or HttpRequestException or TimeoutException or InvalidOperationException or ArgumentException or KeyNotFoundException
            || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // Its target is down already.
            Note($"{fault} had nothing to strike: {exception.GetType().Name}");
        }
    }

    async Task StrikeOnceAsync(PlannedFault fault, CancellationToken cancellation)
    {
        var process = s_processes[fault.Target % s_processes.Length];
        switch (fault.Type)
        {
            case FaultType.Kill:
                Note($"kill -9 {process}");
                await app.KillAsync(process);
                break;
            case FaultType.Freeze:
                await FreezeAsync($"SIGSTOP {process}", fault, () => app.Freeze(process), cancellation);
                break;
            case FaultType.KillClients:
                await population.KillSomeAsync(fault.Target, Note);
                break;
            case FaultType.FreezeClients when population.LiveHosts is { Count: > 0 } hosts:
                var host = hosts[fault.Target % hosts.Count];
                await FreezeAsync($"SIGSTOP the clients {string.Join(' ', host.Users)}", fault, () => RunningApp.Freeze(host.Pid), cancellation);
                break;
            case FaultType.ResetClients:
                var reset = population.LinksOfSome(fault.Target);
                Note($"reset {reset.Count} links of clients");
                foreach (var link in reset)
                    link.Reset();
                break;
            case FaultType.BlackHoleToClients:
                await BreakAsync("nothing gets to the clients", population.LinksOfSome(fault.Target), new LinkFault(HoldsToClient: true), fault, cancellation);
                break;
            case FaultType.BlackHoleToServer:
                await BreakAsync("nothing gets from the clients", population.LinksOfSome(fault.Target), new LinkFault(HoldsToServer: true), fault, cancellation);
                break;
            case FaultType.SlowClients:
                await BreakAsync("200 ± 100 ms to the clients", population.LinksOfSome(fault.Target), LinkFault.Slow, fault, cancellation);
                break;
            case FaultType.TrickleClients:
                await BreakAsync("a trickle to the clients", population.LinksOfSome(fault.Target), LinkFault.Trickle, fault, cancellation);
                break;
            case FaultType.RedisLink:
                await BreakAsync("redis", Some(links!.Redis, fault.Target), LinkFaultOf(fault.Variant), fault, cancellation);
                break;
            case FaultType.PostgresLink:
                await BreakAsync("postgres", Some(links!.Postgres, fault.Target), LinkFaultOf(fault.Variant), fault, cancellation);
                break;
            case FaultType.FlushAll:
                await RedisAsync("FLUSHALL");
                break;
            case FaultType.KillSubscriptions:
                await RedisAsync("CLIENT", "KILL", "TYPE", fault.Variant % 2 == 0 ? "pubsub" : "normal");
                break;
            case FaultType.TerminateBackends:
                await TerminateBackendsAsync();
                break;
            case FaultType.Inject:
                await InjectAsync(fault, cancellation);
                break;
        }
    }

    async Task DuringAsync(string what, PlannedFault fault, Action begin, Action end, CancellationToken cancellation)
    {
        Note(string.Create(CultureInfo.InvariantCulture, $"{what} for {fault.Lasts.TotalSeconds:f1} s"));
        begin();
        try
        {
            await Task.Delay(fault.Lasts, cancellation);
        }
        finally
        {
            end();
        }
    }

    Task FreezeAsync(string what, PlannedFault fault, Func<IReadOnlyList<int>> freeze, CancellationToken cancellation)
    {
        IReadOnlyList<int> frozen = [];
        return DuringAsync(what, fault, () => frozen = freeze(), () => RunningApp.Thaw(frozen), cancellation);
    }

    Task BreakAsync(string what, IReadOnlyList<FaultProxy> broken, LinkFault how, PlannedFault fault, CancellationToken cancellation) =>
        DuringAsync($"{what}, {broken.Count} links: {Tell(how)}", fault, () => Set(broken, how), () => Set(broken, LinkFault.None), cancellation);

    async Task InjectAsync(PlannedFault fault, CancellationToken cancellation)
    {
        var replica = app.Signaling[fault.Target % app.Signaling.Count];
        var rule = s_rules[fault.Variant % s_rules.Length];
        if (links is null && rule.Kind == FaultKind.Throw)
            rule = rule with { Count = ThrowsAtProductionLimits };
        Note(string.Create(CultureInfo.InvariantCulture, $"inject {rule.Kind} in {rule.Component}/{rule.Action ?? "*"}, {rule.Percent} %, into {replica.Port} for {fault.Lasts.TotalSeconds:f1} s"));
        await app.InjectAsync(replica, rule).WaitAsync(s_strikeWithin, cancellation);
        await Task.Delay(fault.Lasts, cancellation);
        await app.ClearFaultsAsync(replica).WaitAsync(s_strikeWithin, cancellation);
    }

    async Task RedisAsync(params string[] command)
    {
        Note($"redis: {string.Join(' ', command)}");
        var options = ConfigurationOptions.Parse(app.RedisConnection);
        options.AbortOnConnectFail = true;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(s_strikeWithin);
        await redis.GetDatabase().ExecuteAsync(command[0], [.. command.Skip(1)]).WaitAsync(s_strikeWithin);
    }

    async Task TerminateBackendsAsync()
    {
        Note("postgres: pg_terminate_backend of every connection");
        await using var connection = new NpgsqlConnection($"{app.PostgresConnection};Pooling=false;Timeout=5;Command Timeout=5");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()", connection);
        await command.ExecuteScalarAsync();
    }

    static LinkFault LinkFaultOf(int variant) => (variant % 6) switch
    {
        0 => LinkFault.Closed,
        1 => LinkFault.BlackHole,
        2 => new LinkFault(HoldsToServer: true),
        3 => new LinkFault(HoldsToClient: true),
        4 => LinkFault.Slow,
        _ => LinkFault.Trickle,
    };

    static string Tell(LinkFault how) => how switch
    {
        { IsClosed: true } => "closed",
        { HoldsToServer: true, HoldsToClient: true } => "black hole",
        { HoldsToServer: true } => "black hole towards the server",
        { HoldsToClient: true } => "black hole from the server",
        { BytesPerSecond: > 0 } => "trickle",
        _ => "slow",
    };

    /// <summary>One of them, or both.</summary>
    static IReadOnlyList<FaultProxy> Some(IReadOnlyList<FaultProxy> links, int target) => (target % 3) switch
    {
        0 => [links[0]],
        1 => [links[1]],
        _ => links,
    };

    static void Set(IReadOnlyList<FaultProxy> broken, LinkFault fault)
    {
        foreach (var link in broken)
            link.Fault = fault;
    }

    void Note(string what)
    {
        lock (_log)
            _log.Add(string.Create(CultureInfo.InvariantCulture, $"{_clock.Elapsed.TotalSeconds,6:f1} s  {what}"));
    }
}
