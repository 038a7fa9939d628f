using static Realtime.Tests.Harness.Observation;

namespace Realtime.Tests.Harness;

/// <summary>What each client must be handed, in which order, and by when.</summary>
public static partial class HistoryChecker
{
    /// <summary>Each client is handed 1, 2, 3, … of each channel from where it joined, once each.</summary>
    static void CheckEachClient(IReadOnlyList<Observation> history, List<Violation> violations)
    {
        var changes = history.OfType<Received>().Where(received => ChangeId.IsChange(received.ClientMessageId)).Select(received => (received.Channel, received.Seq))
            .Concat(history.OfType<Acknowledged>().Where(ack => ChangeId.IsChange(ack.ClientMessageId)).Select(ack => (ack.Channel, ack.Seq))).ToHashSet();
        var next = new Dictionary<(string Client, string Channel), long>();
        var seen = new HashSet<(string Client, string Channel, long Seq)>();
        var excused = new HashSet<(string Client, string Channel, long Seq)>();
        foreach (var observation in history)
        {
            switch (observation)
            {
                case Joined joined:
                    next[(joined.Client, joined.Channel)] = joined.Seq + 1;
                    break;
                case ToldOfGap gap:
                    for (var seq = gap.From; seq <= gap.To; seq++)
                        excused.Add((gap.Client, gap.Channel, seq));
                    break;
                case CaughtUp read:
                    for (var seq = read.From; seq <= read.To; seq++)
                    {
                        if (changes.Contains((read.Channel, seq)))
                            excused.Add((read.Client, read.Channel, seq));
                    }
                    break;
                case Received received:
                    Take(received);
                    break;
            }
        }

        void Take(Received received)
        {
            var place = (received.Client, received.Channel);
            var expected = next.GetValueOrDefault(place, 1);
            if (!seen.Add((received.Client, received.Channel, received.Seq)))
            {
                violations.Add(new(Anomaly.Duplicate, $"{received.Client} got {received.Channel}/{received.Seq} twice"));
                return;
            }
            if (received.Seq < expected)
            {
                violations.Add(new(Anomaly.OrderInversion, $"{received.Client} got {received.Channel}/{received.Seq} after {expected - 1}"));
                return;
            }
            while (expected < received.Seq && excused.Contains((received.Client, received.Channel, expected)))
                expected++;
            if (expected < received.Seq)
                violations.Add(new(Anomaly.Gap, $"{received.Client} got {received.Channel}/{received.Seq} but not {expected}..{received.Seq - 1}"));
            next[place] = received.Seq + 1;
        }
    }

    /// <summary>Who is a member at the end, since when and after which number.</summary>
    static IEnumerable<Joined> Members(IReadOnlyList<Observation> history)
    {
        var members = new Dictionary<(string Client, string Channel), Joined>();
        foreach (var observation in history)
        {
            switch (observation)
            {
                case Joined joined:
                    members.TryAdd((joined.Client, joined.Channel), joined);
                    break;
                case Left left:
                    members.Remove((left.Client, left.Channel));
                    break;
                case Died died:
                    foreach (var key in members.Keys.Where(key => key.Client == died.Client).ToList())
                        members.Remove(key);
                    break;
            }
        }
        return members.Values;
    }

    /// <summary>Every member has every acknowledged message, also when nothing later came to show the hole; and soon after the faults are over.</summary>
    static void CheckDelivery(IReadOnlyList<Observation> history, List<Violation> violations)
    {
        var got = new Dictionary<(string Client, string Channel, string Id), long>();
        foreach (var received in history.OfType<Received>())
            got.TryAdd((received.Client, received.Channel, received.Id), received.At);
        var told = history.OfType<ToldOfGap>().ToLookup(gap => (gap.Client, gap.Channel));
        var read = history.OfType<CaughtUp>().ToLookup(range => (range.Client, range.Channel));
        var healed = HealedAt(history);
        var online = LastOnline(history);
        var members = Members(history).ToLookup(member => member.Channel);
        foreach (var ack in history.OfType<Acknowledged>().DistinctBy(ack => (ack.Channel, ack.Id)))
        {
            foreach (var member in members[ack.Channel].Where(member => member.Seq < ack.Seq))
            {
                if (!got.TryGetValue((member.Client, ack.Channel, ack.Id), out var at))
                {
                    if (!told[(member.Client, member.Channel)].Any(gap => gap.From <= ack.Seq && ack.Seq <= gap.To)
                        && !(ChangeId.IsChange(ack.ClientMessageId) && read[(member.Client, member.Channel)].Any(range => range.From <= ack.Seq && ack.Seq <= range.To)))
                    {
                        violations.Add(new(Anomaly.LostAcknowledged, $"{member.Client} never got {ack.Channel}/{ack.Seq} ({ack.ClientMessageId} of {ack.Client})"));
                    }
                    continue;
                }
                if (healed is not { } over)
                    continue;
                var due = Math.Max(Math.Max(over, ack.At), Math.Max(member.At, online.GetValueOrDefault(member.Client)));
                if (at > due + Ticks(SeenWithin))
                    violations.Add(new(Anomaly.Unseen, $"{member.Client} got {ack.Channel}/{ack.Seq} {(at - due) / (double)Ticks(TimeSpan.FromSeconds(1)):f1} s after nothing was in the way"));
            }
        }
        if (healed is { } end)
        {
            foreach (var (client, at) in online.Where(pair => pair.Value > end + Ticks(BackWithin)))
                violations.Add(new(Anomaly.Unseen, $"{client} came back {(at - end) / (double)Ticks(TimeSpan.FromSeconds(1)):f1} s after the last fault"));
        }
    }

    /// <summary>
    /// A page of history has no holes; and with nothing in the way it ends with what was acknowledged a moment ago. (What the other replica acknowledged just now may be missing
    /// at its end: whoever reads the channel is handed it.)
    /// </summary>
    static void CheckReads(IReadOnlyList<Observation> history, List<Violation> violations)
    {
        var acks = history.OfType<Acknowledged>().Where(ack => !ChangeId.IsChange(ack.ClientMessageId)).DistinctBy(ack => (ack.Channel, ack.Id)).ToLookup(ack => ack.Channel);
        var healed = HealedAt(history);
        foreach (var page in history.OfType<ReadHistory>())
        {
            var ids = page.Messages.Select(message => message.Id).ToHashSet();
            var end = page.Messages.Select(message => message.Seq).DefaultIfEmpty(page.After).Max();
            var calm = page.IsLast && (healed is not { } over || page.AskedAt > over + Ticks(SeenWithin));
            foreach (var ack in acks[page.Channel].Where(ack => ack.At < page.AskedAt && ack.Seq > page.After && !ids.Contains(ack.Id)
                && (ack.Seq <= end || (calm && ack.At < page.AskedAt - Ticks(SeenWithin)))))
            {
                violations.Add(new(Anomaly.LostAcknowledged, $"history as {page.Client} read it lacks {ack.Channel}/{ack.Seq} ({ack.ClientMessageId} of {ack.Client})"));
            }
            foreach (var (first, second) in page.Messages.Zip(page.Messages.Skip(1)).Where(pair => pair.First.Seq >= pair.Second.Seq))
                violations.Add(new(Anomaly.OrderInversion, $"history as {page.Client} read it has {page.Channel}/{second.Seq} after {first.Seq}"));
        }
    }
}
