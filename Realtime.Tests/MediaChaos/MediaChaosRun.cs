using System.Globalization;
using Realtime.Tests.Chaos;
using Realtime.Tests.Harness;
using Realtime.Tests.Media.Fuzz;
using Realtime.Tests.Media.Isolation;

namespace Realtime.Tests.MediaChaos;

/// <summary>
/// <c>./realtime chaos --media</c>: everything hostile at once against the running app (damaged datagrams of every protocol, forged checks, connections that say nothing, offers of
/// every kind, a member who sends too much, exceptions at every wall), beside a call of bystanders who must not notice: no packet lost, none corrupt, nobody thrown out, no process
/// dead, no memory that stays.
/// </summary>
sealed class MediaChaosRun(RunningApp app, TurnBehindProxy? turn, int people, TimeSpan duration, int seed, string only)
{
    /// <summary>Of a node over the second half of the run: what is kept per attacker would be far more.</summary>
    const long GrowthAllowedKilobytes = 24 << 10;

    /// <summary>So long the attacks go on unjudged before the first run: until a node holds what its own bounds allow strangers (a thousand handshakes), growth says nothing.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(90);

    static readonly TimeSpan s_before = TimeSpan.FromSeconds(5);

    /// <summary>The attacks alone, whatever becomes of them.</summary>
    public async Task AttackAsync(CancellationToken cancellation)
    {
        await using var call = new BystanderCall(app, Name(), people);
        await call.StartAsync(cancellation);
        var answer = Answered.Read(call.Rooms.Answer);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(duration);
        await Task.WhenAll(Attacks(Name(), answer, app.NodeListeningOn(answer.Edge.Port)).Select(attack => attack.RunAsync(new Violations(), stop.Token)));
        cancellation.ThrowIfCancellationRequested();
    }

    public async Task<ChaosOutcome> RunAsync(CancellationToken cancellation)
    {
        var name = Name();
        await using var call = new BystanderCall(app, name, people);
        await call.StartAsync(cancellation);
        var answer = Answered.Read(call.Rooms.Answer);
        var edge = answer.Edge;
        var node = app.NodeListeningOn(edge.Port);
        string[] processes = ["media-0", "media-1", "signaling-0", "signaling-1"];
        var pids = processes.ToDictionary(process => process, app.Pid);

        var violations = new Violations();
        var before = await call.WatchAsync(() => Task.Delay(s_before, cancellation));
        List<IMediaAttack> attacks = [.. Attacks(name, answer, node)];
        long half = 0;
        var midway = "";
        var during = await call.WatchAsync(async () =>
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var running = Task.WhenAll(attacks.Select(attack => attack.RunAsync(violations, stop.Token)));
            await Task.WhenAny(running, Task.Delay(duration / 2, cancellation));
            half = ResidentKilobytes(pids[$"media-{node}"]);
            midway = await BystandersNow.AskAsync(app, call.Rooms.RoomName(BystanderCall.Room), node, cancellation);
            await Task.WhenAny(running, Task.Delay(duration / 2, cancellation));
            await stop.CancelAsync();
            await running;
        });

        violations.Expect(during.Lost == 0, $"the bystanders lost {during.Lost} of {during.Forwarded + during.Lost} packets");
        violations.Expect(during.Corrupt == 0, $"the bystanders got {during.Corrupt} corrupt packets");
        violations.Expect(during.Forwarded > 0, "the bystanders got nothing: the run proves nothing");
        var allowed = Math.Max(2 * (before.P99Milliseconds ?? 0), 20);
        violations.Expect(during.P99Milliseconds <= allowed, string.Create(CultureInfo.InvariantCulture, $"p99 was {during.P99Milliseconds} ms, {allowed} ms are allowed"));
        foreach (var attack in attacks)
            violations.Expect(attack.Count > 0, $"{attack.Name} did nothing: the run proves nothing");
        foreach (var process in processes)
            violations.Expect(app.Pid(process) == pids[process], $"{process} died");
        var users = await app.UsersInAsync(call.Rooms.RoomName(BystanderCall.Room));
        violations.Expect(users.Count == people, $"only {users.Count} of {people} bystanders are in their room");
        var growth = ResidentKilobytes(app.Pid($"media-{node}")) - half;
        violations.Expect(growth <= GrowthAllowedKilobytes, $"the node grew by {growth} KiB in the second half");

        return new ChaosOutcome(
            seed,
            [.. violations.All.Select(what => new Violation(Anomaly.Disturbed, what))],
            [.. attacks.Select(attack => $"{attack.Name}: {attack.Count}")],
            $"before: {before}; during: {during}; the node grew by {growth} KiB in the second half; {string.Join(", ", attacks.Select(attack => $"{attack.Name} {attack.Count}"))}\n  halfway: {midway}");
    }

    string Name() => $"media-chaos-{seed}-{Guid.NewGuid().ToString("N")[..6]}";

    IEnumerable<IMediaAttack> Attacks(string name, Answered answer, int node) =>
        All(name, answer, node).Where(attack => attack.Name.StartsWith(only, StringComparison.Ordinal));

    IEnumerable<IMediaAttack> All(string name, Answered answer, int node)
    {
        var edge = answer.Edge;
        var check = ForgedCheck.For(answer.Ufrag);
        yield return new DatagramAttack("forged checks", edge, () => check);
        yield return DatagramAttack.Fuzz("stun", edge, seed, [check]);
        yield return DatagramAttack.Fuzz("dtls", edge, seed + 1, DtlsFuzz.Recorded());
        yield return DatagramAttack.Fuzz("rtp", edge, seed + 2, RtpFuzz.Corpus());
        yield return DatagramAttack.Fuzz("rtcp", edge, seed + 3, RtcpFuzz.Corpus());
        yield return new TcpAttack(edge, seed + 4);
        yield return new OfferAttack(app, $"{name}-offers", seed + 5);
        yield return new HalfOpenAttack(app, $"{name}-half", node, edge);
        yield return new GreedyMember(app, $"{name}-greedy");
        if (turn is not null)
            yield return new TurnFaults(app, turn);
        yield return new WallFaults(app, $"{name}-walls", node, 1 - node, seed + 6);
    }

    static long ResidentKilobytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
