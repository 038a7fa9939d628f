using static Realtime.Tests.Harness.Observation;

namespace Realtime.Tests.Harness;

/// <summary>Who may see what, and who is said to be where.</summary>
public static partial class HistoryChecker
{
    /// <summary>Nobody is handed anything of a channel they never entered, or from which they were put out.</summary>
    static void CheckAuthorised(IReadOnlyList<Observation> history, List<Violation> violations)
    {
        var entered = history.OfType<Joined>().Select(join => (join.Client, join.Channel)).Concat(history.OfType<Entitled>().Select(entitled => (entitled.Client, entitled.Channel))).ToHashSet();
        foreach (var stray in history.OfType<Received>().Where(received => !entered.Contains((received.Client, received.Channel))).DistinctBy(received => (received.Client, received.Channel)))
            violations.Add(new(Anomaly.Unauthorised, $"{stray.Client} got {stray.Channel}/{stray.Seq} without ever having been in {stray.Channel}"));

        var putOut = history.OfType<PutOut>().ToList();
        if (putOut.Count == 0)
            return;
        var letIn = history.OfType<LetIn>().ToLookup(let => (let.Channel, let.User));
        var sent = new Dictionary<(string Channel, string ClientMessageId), long>();
        foreach (var send in history.OfType<Invoked>())
            sent.TryAdd((send.Channel, send.ClientMessageId), send.At);
        var received = history.OfType<Received>().Concat(history.OfType<ReadHistory>().SelectMany(page => page.Messages)).ToLookup(one => (one.Channel, one.Client));
        foreach (var ban in putOut)
        {
            // A page of history counts by when it was answered, whatever it shows.
            var until = letIn[(ban.Channel, ban.User)].Where(let => let.At > ban.At).Select(let => let.At).DefaultIfEmpty(long.MaxValue).Min();
            foreach (var message in received[(ban.Channel, ban.User)].Where(message => message.At < until
                && sent.TryGetValue((message.Channel, message.ClientMessageId), out var at) && at > ban.At + Ticks(OutWithin)))
            {
                violations.Add(new(Anomaly.Unauthorised, $"{ban.User} got {ban.Channel}/{message.Seq}, sent after they had been put out"));
            }
        }
    }

    /// <summary>The dead are listed nowhere for long, the living are listed where they are.</summary>
    static void CheckLists(IReadOnlyList<Observation> history, List<Violation> violations)
    {
        var deaths = Deaths(history);
        var online = LastOnline(history);
        var healed = HealedAt(history) ?? 0;
        foreach (var list in history.OfType<Listed>())
        {
            foreach (var ghost in list.Users.Where(user => deaths.TryGetValue(user, out var died) && list.At > Math.Max(died, healed) + Ticks(GhostAtMost)))
                violations.Add(new(Anomaly.Ghost, $"{ghost} is dead and {list.Client} sees them in {list.What} {list.Channel}"));
        }
        foreach (var member in Members(history))
        {
            var since = Math.Max(Math.Max(member.At, healed), online.GetValueOrDefault(member.Client)) + Ticks(SeenWithin);
            foreach (var list in history.OfType<Listed>().Where(list => list.What == "members" && list.Channel == member.Channel && list.At > since && !list.Users.Contains(member.Client)))
                violations.Add(new(Anomaly.Missing, $"{member.Client} is in {member.Channel} and {list.Client} does not see them"));
        }
        foreach (var (client, at) in online.Where(one => !deaths.ContainsKey(one.Key)))
        {
            var since = Math.Max(at, healed) + Ticks(SeenWithin);
            foreach (var list in history.OfType<Listed>().Where(list => list.What == "presence" && list.At > since && !list.Users.Contains(client)))
                violations.Add(new(Anomaly.Missing, $"{client} is online and {list.Client} says they are not"));
        }
    }
}
