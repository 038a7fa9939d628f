using System.Diagnostics;
using System.Net;
using Realtime.Bench.Load;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Faults;
using Realtime.Tests.Harness;

namespace Realtime.Tests.MediaChaos;

/// <summary>
/// An exception at each wall in turn, for one person among others: who it was meant for is closed or refused, the others of the same room stay, and it is explained by a
/// crash report. The worker's wall is tried on the node that has none of the bystanders: its rooms go down with it.
/// </summary>
sealed class WallFaults(RunningApp app, string name, int node, int otherNode, int seed) : IMediaAttack
{
    static readonly string[] s_walls = ["media.peer.receive", "media.peer.tick", "media.room.command", "media.room.newcomer", "media.worker"];

    const int Kilobits = 100;

    /// <summary>A worker that falls again and again is restarted later and later; nothing else would be tried.</summary>
    static readonly TimeSpan s_betweenWorkers = TimeSpan.FromSeconds(30);

    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan s_within = TimeSpan.FromSeconds(10);

    readonly Random _random = new(seed);
    long _count;
    int _round;
    long _workerFelledAt;

    public string Name => "walls";

    public long Count => Interlocked.Read(ref _count);

    public async Task RunAsync(Violations violations, CancellationToken cancellation)
    {
        using var load = new LoadThread(SourceKind.Video, IPAddress.Loopback);
        try
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var component = s_walls[_random.Next(s_walls.Length)];
                try
                {
                    await (component switch
                    {
                        "media.worker" => WorkerAsync(violations),
                        "media.room.command" => NegotiationAsync(load, violations, cancellation),
                        "media.room.newcomer" => NewcomerAsync(load, violations, cancellation),
                        _ => PeerAsync(load, component, violations, cancellation),
                    });
                    Interlocked.Increment(ref _count);
                }
                catch (Exception exception) when (exception is TimeoutException or InvalidOperationException or HubCallException)
                {
                    // A worker was felled a moment ago, and somebody's way in with it: not what is tried here.
                    await Task.Delay(s_pause, cancellation);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await app.ClearMediaFaultsAsync(node);
        }
    }

    async Task PeerAsync(LoadThread load, string component, Violations violations, CancellationToken cancellation)
    {
        using var rooms = new WhipRooms(app, load, $"{name}-{_round++}");
        var (victim, other) = (load.Create(), load.Create());
        foreach (var client in new[] { victim, other })
        {
            client.Publish(SourceKind.Video, Kilobits);
            await rooms.PublishAsync(0, client);
            await client.Connected.WaitAsync(s_within, cancellation);
        }
        await InjectAsync(new FaultRule(component, FaultKind.Throw, User: rooms.UserOf(victim), Count: 1));
        await load.StartSourcesAsync();
        var gone = await WithinAsync(async () => !(await rooms.UsersAsync(0)).Contains(rooms.UserOf(victim)), cancellation);
        violations.Expect(gone, $"an exception in {component} left its peer in the room");
        violations.Expect((await rooms.UsersAsync(0)).Contains(rooms.UserOf(other)), $"an exception in {component} of one peer closed another");
        await ExplainedAsync(component, violations, cancellation);
        await CountedAsync(component, rooms.RoomName(0), rooms.UserOf(victim), violations, cancellation);
        await load.RemoveAsync(victim);
        await load.RemoveAsync(other);
    }

    async Task NegotiationAsync(LoadThread load, Violations violations, CancellationToken cancellation)
    {
        await using var rooms = new HubRooms(app, load, $"{name}-{_round++}");
        using var victim = load.Create();
        var other = load.Create();
        other.Publish(SourceKind.Video, Kilobits);
        await rooms.PublishAsync(0, other);
        await other.Connected.WaitAsync(s_within, cancellation);
        await InjectAsync(new FaultRule("media.room.command", FaultKind.Throw, Action: "negotiate", User: rooms.UserOf(victim), Count: 1));
        victim.Publish(SourceKind.Video, Kilobits);
        string? code = null;
        try
        {
            await rooms.PublishAsync(0, victim);
        }
        catch (HubCallException refused) when (refused.Error.RetryAfterMs is null)
        {
            code = refused.Error.Code;
        }
        violations.Expect(code == ErrorCode.Internal, $"a negotiation that threw was answered by {code ?? "success"}");
        violations.Expect((await app.UsersInAsync(rooms.RoomName(0))).Contains(rooms.UserOf(other)), "an exception in one peer's negotiation closed another");
        await ExplainedAsync("media.room.command", violations, cancellation);
        await CountedAsync("media.room.command", rooms.RoomName(0), rooms.UserOf(victim), violations, cancellation);
        await load.RemoveAsync(other);
    }

    async Task NewcomerAsync(LoadThread load, Violations violations, CancellationToken cancellation)
    {
        using var rooms = new WhipRooms(app, load, $"{name}-{_round++}");
        var (other, newcomer) = (load.Create(), load.Create());
        other.Publish(SourceKind.Video, Kilobits);
        await rooms.PublishAsync(0, other);
        await other.Connected.WaitAsync(s_within, cancellation);
        var user = $"{name}-newcomer-{_round}";
        await InjectAsync(new FaultRule("media.room.newcomer", FaultKind.Throw, User: user, Count: 1));
        newcomer.Publish(SourceKind.Video, Kilobits);
        var (status, body) = await rooms.PostAsync(JoinedVia.Whip, rooms.RoomName(0), await app.TokenAsync(user), WhipRooms.Sdp(newcomer.Offer()), cancellation);
        violations.Expect(status == HttpStatusCode.InternalServerError && body.Contains("incident", StringComparison.Ordinal), $"a command that threw was answered by {(int)status}");
        violations.Expect((await rooms.UsersAsync(0)).Contains(rooms.UserOf(other)), "an exception as somebody came in closed another");
        await ExplainedAsync("media.room.newcomer", violations, cancellation);
        await load.RemoveAsync(other);
        newcomer.Dispose();
    }

    async Task WorkerAsync(Violations violations)
    {
        if (_workerFelledAt != 0 && Stopwatch.GetElapsedTime(_workerFelledAt) < s_betweenWorkers)
            return;
        _workerFelledAt = Stopwatch.GetTimestamp();
        await app.InjectIntoMediaAsync(otherNode, new FaultRule("media.worker", FaultKind.Throw, Count: 1));
        violations.Expect(await WithinAsync(() => Task.FromResult(IsReported("media.worker")), CancellationToken.None), "an exception of a worker left no crash report");
    }

    // Where a room is placed is the placement's business: the rule stands on both nodes, in the place of the last one, which was not struck on one of them.
    async Task InjectAsync(FaultRule rule)
    {
        foreach (var one in new[] { node, otherNode })
        {
            await app.ClearMediaFaultsAsync(one);
            await app.InjectIntoMediaAsync(one, rule);
        }
    }

    async Task ExplainedAsync(string component, Violations violations, CancellationToken cancellation) =>
        violations.Expect(await WithinAsync(() => Task.FromResult(IsReported(component)), cancellation), $"an exception in {component} left no crash report");

    /// <summary>In the circuit of that peer's transport.</summary>
    async Task CountedAsync(string component, string room, string user, Violations violations, CancellationToken cancellation) => violations.Expect(
        await WithinAsync(
            async () =>
            {
                try
                {
                    var circuits = await app.GetAsync<List<CircuitInfo>>(app.Signaling[0], "/status/circuit-breakers", cancellation);
                    return circuits.Any(one => one.Name.EndsWith($"/peer:{room}/{user}", StringComparison.Ordinal) && one.FailuresByType.ContainsKey("exception"));
                }
                catch (Exception busy) when (busy is HttpRequestException || (busy is OperationCanceledException && !cancellation.IsCancellationRequested))
                {
                    return false;
                }
            }, cancellation),
        $"an exception in {component} shows in no circuit");

    // Reports name the part that contained the fault; the injected exception names the wall.
    bool IsReported(string component) => app.CrashReports().Any(report =>
        report.Exception is { } exception && exception.Type.EndsWith(nameof(InjectedFaultException), StringComparison.Ordinal) && exception.Message.Contains(component, StringComparison.Ordinal));

    static async Task<bool> WithinAsync(Func<Task<bool>> holds, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var waited = TimeSpan.Zero; waited < s_within; waited += timer.Period)
        {
            if (await holds())
                return true;
            await timer.WaitForNextTickAsync(cancellation);
        }
        return false;
    }
}
